"""The packets of a sound as we store it (Opus in WebM), while it comes.

FFmpeg's demuxer asks for bytes and waits for them, which takes a thread for each sound. What our
own muxer writes is simple: elements, each with its size, in containers that are walked through.
"""

from __future__ import annotations

from collections.abc import Iterator

# RFC 8794 and RFC 9559: those that hold what is looked for, and what is.
SEGMENT, CLUSTER, TRACKS, TRACK, GROUP = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xA0
CONTAINERS = frozenset({SEGMENT, CLUSTER, TRACKS, TRACK, GROUP})
CODEC_PRIVATE, SIMPLE_BLOCK, BLOCK = 0x63A2, 0xA3, 0xA1
LONGEST_ID, LONGEST_SIZE = 4, 8
# Of a block, before its packet: its time and its flags; the number of its track comes before.
BLOCK_HEAD = 3


class Packets:
    """Takes bytes, and gives the packets that are whole."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._skip = 0  # so many bytes more are of no interest
        self.head = b""  # OpusHead, once it came

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the packets that are whole with this. Raises ValueError if it is no WebM."""
        self._held += data
        while True:
            if self._skip:
                dropped = min(self._skip, len(self._held))
                del self._held[:dropped]
                self._skip -= dropped
            found = self._element()
            if found is None:
                return
            name, begins, size = found
            if name in CONTAINERS:
                del self._held[:begins]
            elif name in (CODEC_PRIVATE, SIMPLE_BLOCK, BLOCK):
                if len(self._held) < begins + size:
                    return
                content = bytes(self._held[begins : begins + size])
                del self._held[: begins + size]
                if name == CODEC_PRIVATE:
                    self.head = content
                else:
                    yield content[_length(content[0]) + BLOCK_HEAD :]
            else:
                del self._held[:begins]
                self._skip = size

    def _element(self) -> tuple[int, int, int] | None:
        """Return name, begin of the content and size of what stands first, once it is there."""
        if self._skip or not self._held:
            return None
        of_name = _length(self._held[0])
        if of_name > LONGEST_ID:
            raise ValueError("This is no WebM.")
        if len(self._held) <= of_name:
            return None
        of_size = _length(self._held[of_name])
        if of_size > LONGEST_SIZE:
            raise ValueError("This is no WebM.")
        begins = of_name + of_size
        if len(self._held) < begins:
            return None
        name = int.from_bytes(self._held[:of_name])
        size = int.from_bytes(self._held[of_name:begins]) & ((1 << (7 * of_size)) - 1)
        return name, begins, size


def _length(first: int) -> int:
    """Return how many bytes a number has that begins with this one."""
    return 9 - first.bit_length() if first else 9
