"""What staff see of people, their documents and their use."""

from . import accounts, documents, people, use

__all__ = ["accounts", "documents", "people", "use"]
