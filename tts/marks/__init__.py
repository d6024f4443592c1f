"""When each spoken word is heard: as the engine tells, or by alignment.

``alignment`` is not imported here: it needs NumPy, whose memory is for who aligns.
"""

from .words import snap, snap_so_far, spans, words

__all__ = ["snap", "snap_so_far", "spans", "words"]
