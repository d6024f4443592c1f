"""What staff see of people, their documents and their use."""

from . import documents, people, use

__all__ = ["documents", "people", "use"]
