"""What staff see of people, their documents, their programs and their use."""

from . import accounts, documents, people, programs, use

__all__ = ["accounts", "documents", "people", "programs", "use"]
