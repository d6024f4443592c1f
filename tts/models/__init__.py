"""Speech models, their voices, and the sounds made of texts."""

from .downloads import VoiceDownload
from .hashes import HASH_LENGTH, digest, hash_text, hashes_of, variant_key
from .installation import Installation
from .usage import Usage
from .variants import AudioVariant, AudioVariantQuerySet, MarksSource, Status
from .voices import SpeechModel, Voice, VoiceQuerySet

__all__ = [
    "HASH_LENGTH",
    "AudioVariant",
    "AudioVariantQuerySet",
    "Installation",
    "MarksSource",
    "SpeechModel",
    "Status",
    "Usage",
    "Voice",
    "VoiceDownload",
    "VoiceQuerySet",
    "digest",
    "hash_text",
    "hashes_of",
    "variant_key",
]
