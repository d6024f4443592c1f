"""Kinds of files that are heard: joined as they are stored, or encoded piece by piece."""
