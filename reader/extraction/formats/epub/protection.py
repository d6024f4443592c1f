"""What of a book is encrypted."""

from __future__ import annotations

from reader.extraction.archives import Archive
from reader.extraction.drafts import ExtractionError
from reader.extraction.tree.elements import name_of

DRM = (
    "This book is protected by DRM, so only its seller's own reader can open it. "
    "Bring in a copy without protection."
)
ENCRYPTED = "It is encrypted, so only the seller's own reader can open it."


def encrypted_paths(archive: Archive) -> set[str]:
    """Return the files that are encrypted, fonts that are only obfuscated among them.

    Rights and licences beside them say nothing of what is encrypted.
    """
    try:
        told = archive.xml("META-INF/encryption.xml")
    except ExtractionError:
        return set()
    references = (each for each in told.iter() if name_of(each) == "cipherreference")
    return {archive.named(each.get("URI", "")) for each in references} - {""}
