"""Keys of speech servers, sealed: whoever reads the database or a backup of it has none of them.

Sealed with SECRET_KEY by Fernet (AES-128-CBC, HMAC-SHA256). With another SECRET_KEY a key cannot be
read any more and is entered anew; SECRET_KEY_FALLBACKS are tried.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes

from .speech import SpeechError

PURPOSE = b"speech keys"


class UnreadableKey(SpeechError):
    """The key was sealed with another SECRET_KEY."""

    def __init__(self) -> None:
        super().__init__(
            "The key of the speech server cannot be read.",
            scope="model",
            advice="It was kept under another SECRET_KEY. Enter the key again.",
        )


def seal(key: str) -> str:
    """Return the key as it may be stored."""
    return _fernet().encrypt(key.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the key. Raises UnreadableKey."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise UnreadableKey from None


def _fernet() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str | bytes) -> bytes:
    hashed = hashlib.blake2b(force_bytes(secret), digest_size=32, person=PURPOSE)
    return base64.urlsafe_b64encode(hashed.digest())
