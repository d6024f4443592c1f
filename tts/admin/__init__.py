"""What staff see of speech: models, voices, and every sound that was made or is to be made."""

from .sounds import AudioVariantAdmin, player
from .speech_models import SpeechModelAdmin, VoiceAdmin
from .words import Deleted

__all__ = ["AudioVariantAdmin", "Deleted", "SpeechModelAdmin", "VoiceAdmin", "player"]
