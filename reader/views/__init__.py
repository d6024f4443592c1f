"""Pages, and the sound."""
