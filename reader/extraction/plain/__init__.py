"""Plain text: its bytes, its lines, and what they are without any markup to say so."""
