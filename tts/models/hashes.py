"""What texts, recipes and variants are known by: hashes, so that one sound is made once."""

from __future__ import annotations

import hashlib

# 160 bits: two hashes and a prefix fit the 99 characters of a channel group's name.
HASH_BYTES = 20
HASH_LENGTH = 2 * HASH_BYTES


def digest(*parts: str) -> str:
    """Hash strings so that no two different lists of them collide by concatenation."""
    hashed = hashlib.blake2b(digest_size=HASH_BYTES)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        hashed.update(len(data).to_bytes(8, "big"))
        hashed.update(data)
    return hashed.hexdigest()


def hash_text(text: str, language: str) -> str:
    """Return the text hash under which every sound of this spoken text is found."""
    return digest(text, language)


def variant_key(text_hash: str, recipe_hash: str) -> str:
    """Return the variant's name in Redis and on the channel layer; needs no row."""
    return f"{text_hash}-{recipe_hash}"


def hashes_of(key: str) -> tuple[str, str]:
    """Return the text hash and the recipe hash of a key."""
    text_hash, _, recipe_hash = key.partition("-")
    return text_hash, recipe_hash
