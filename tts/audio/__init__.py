"""Sound: what it is stored as, how it is encoded, repacked, measured and checked."""

from .encoder import Encoder
from .formats import FORMATS, AudioFormat, format_of
from .track import Track

__all__ = ["FORMATS", "AudioFormat", "Encoder", "Track", "format_of"]
