"""A database backend that counts its statements, over all processes (tests/bench/settings.py)."""
