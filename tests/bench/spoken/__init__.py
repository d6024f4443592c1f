"""What voices are made to say for the recogniser: plain sentences, and hard ones with what must be
said of them. Written before the rewriting that serves them (``tts/engines/hibari/rewriting.py``),
and not to be changed to suit it."""
