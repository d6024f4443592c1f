"""Write Opus into WebM as it comes, in clusters so short that the first sound is out early.

RFC 9559 (Matroska) and its codec mapping for Opus. FFmpeg's muxer makes the same of it, with ten
times the work for each packet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from .ogg import PER_MS, Packet

CLUSTER_MS = 60
SEEK_PRE_ROLL_NS = 80_000_000
NS_PER_MS = 1_000_000
UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
TRACK = 0x81  # the first one
KEY_FRAME = 0x80
BLOCK_HEAD = struct.Struct(">BhB").pack
APPLICATION = b"Lectern"


class WebM:
    """One track of Opus. The pieces, joined, are the file."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._samples = 0
        self._blocks: list[bytes] = []
        self._cluster_ms = 0
        self._is_begun = False

    def add(self, packets: Iterable[Packet]) -> bytes:
        """Take packets; return what is ready of the file, which may be nothing."""
        written, blocks = [], self._blocks
        for data, samples, left_out in packets:
            at_ms = round(self._samples / PER_MS)
            if not blocks:
                self._cluster_ms = at_ms
            after_ms = at_ms - self._cluster_ms
            if left_out:
                blocks.append(_group(after_ms, data, left_out))
            else:
                blocks.append(_element(b"\xa3", BLOCK_HEAD(TRACK, after_ms, KEY_FRAME) + data))
            self._samples += samples
            if self._samples >= (self._cluster_ms + CLUSTER_MS) * PER_MS:
                written.append(self.finish())
        return b"".join(written)

    def finish(self) -> bytes:
        """Return what is not out yet."""
        if not self._blocks:
            return b""
        content = _element(b"\xe7", self._cluster_ms.to_bytes(4, "big")) + b"".join(self._blocks)
        self._blocks.clear()
        cluster = _element(b"\x1f\x43\xb6\x75", content)
        if self._is_begun:
            return cluster
        self._is_begun = True
        return _beginning(self._head) + cluster


def _group(after_ms: int, data: bytes, left_out: int) -> bytes:
    """Return a block whose end is left out: Matroska says so of a group only, where each block is
    a key frame by itself."""
    padding = (left_out * NS_PER_MS // PER_MS).to_bytes(5, "big", signed=True)
    block = _element(b"\xa1", BLOCK_HEAD(TRACK, after_ms, 0) + data)
    return _element(b"\xa0", block + _element(b"\x75\xa2", padding))


def _beginning(head: bytes) -> bytes:
    channels = head[9:10]
    pre_skip = int.from_bytes(head[10:12], "little")
    delay = (pre_skip * NS_PER_MS // PER_MS).to_bytes(4, "big")
    audio = _element(b"\xb5", struct.pack(">f", 48_000)) + _element(b"\x9f", channels)
    track = b"".join(
        (
            _element(b"\xd7", b"\1"),  # its number
            _element(b"\x73\xc5", b"\1"),
            _element(b"\x9c", b"\0"),  # no lacing
            _element(b"\x83", b"\2"),  # sound
            _element(b"\x86", b"A_OPUS"),
            _element(b"\x63\xa2", head),
            _element(b"\x56\xaa", delay),
            _element(b"\x56\xbb", SEEK_PRE_ROLL_NS.to_bytes(4, "big")),
            _element(b"\xe1", audio),
        )
    )
    version = b"".join(
        (
            _element(b"\x42\x86", b"\1"),
            _element(b"\x42\xf7", b"\1"),
            _element(b"\x42\xf2", b"\4"),
            _element(b"\x42\xf3", b"\x08"),
            _element(b"\x42\x82", b"webm"),
            _element(b"\x42\x87", b"\4"),
            _element(b"\x42\x85", b"\2"),
        )
    )
    info = b"".join(
        (
            _element(b"\x2a\xd7\xb1", NS_PER_MS.to_bytes(3, "big")),  # times are in ms
            _element(b"\x4d\x80", APPLICATION),
            _element(b"\x57\x41", APPLICATION),
        )
    )
    return (
        _element(b"\x1a\x45\xdf\xa3", version)
        + b"\x18\x53\x80\x67" + UNKNOWN_SIZE
        + _element(b"\x15\x49\xa9\x66", info)
        + _element(b"\x16\x54\xae\x6b", _element(b"\xae", track))
    )  # fmt: skip


def _element(name: bytes, content: bytes) -> bytes:
    length = len(content)
    if length < 127:
        return name + bytes((0x80 | length,)) + content
    return name + (length | 1 << 28).to_bytes(4, "big") + content
