"""Whether everything works: heartbeats, what is made of them, and who is told."""
