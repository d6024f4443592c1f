"""Pass on Ogg Opus as WebM: nothing is encoded anew, and little is decoded.

Checksums say whether it is what was sent, each packet how long it sounds. Decoded are its first and
last second, or as much as is silent there, and a little of each few seconds between.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator, Sequence

import av

from tts.speech import SpeechError

from .incoming import BROKEN, Arriving
from .muxing import WebM
from .ogg import PER_MS, OggOpus, Packet
from .silence import Edges

PIECE_BYTES = 64 * 1024
FLOAT_BYTES = 4
RATE = 1000 * PER_MS
EDGE_SAMPLES = RATE  # a second is decoded at each end, at the least
SAMPLE_EVERY, SAMPLE_PACKETS = 150, 4
# A decoder that begins in the middle has to run in.
RUN_IN_PACKETS = 4


class Passing:
    """One sound on its way through."""

    def __init__(self, head: bytes, edges: Edges) -> None:
        self._ogg = OggOpus()
        self._webm = WebM(head)
        self._looked = _Looked(head, edges)
        self._samples = 0
        self.seconds = 0.0  # spent here

    @property
    def milliseconds(self) -> float:
        return max(0, self._samples - self._ogg.pre_skip) / PER_MS

    def pieces(self, arriving: Arriving) -> Iterator[bytes]:
        """Yield what is ready of the file with each piece that arrives. Raises SpeechError."""
        while piece := arriving.read(PIECE_BYTES):
            began = time.perf_counter()
            written = self._take(piece)
            self.seconds += time.perf_counter() - began
            if written:
                yield written
        began = time.perf_counter()
        self._ogg.close()
        self._looked.finish()
        self.seconds += time.perf_counter() - began
        yield self._webm.finish()

    def _take(self, piece: bytes) -> bytes:
        packets = self._ogg.feed(piece)
        self._samples += sum(packet.samples - packet.left_out for packet in packets)
        self._looked.add(packets)
        return self._webm.add(packets)


class _Looked:
    """Decodes as much of a sound as tells whether it is one, and how long its ends are silent."""

    def __init__(self, head: bytes, edges: Edges) -> None:
        self._edges = edges
        self._decoder = av.CodecContext.create("opus", "r")
        self._decoder.extradata = head
        self._first: list[Packet] = []
        self._first_samples = 0
        self._rest: list[Packet] = []

    def add(self, packets: Sequence[Packet]) -> None:
        for packet in packets:
            if self._edges.has_begun:
                self._rest.append(packet)
                if len(self._rest) % SAMPLE_EVERY == 0:
                    self._decoded_anew(self._rest[-SAMPLE_PACKETS:])
                continue
            self._first.append(packet)
            self._first_samples += packet.samples
            if self._first_samples >= EDGE_SAMPLES:
                self._look_at_first()

    def finish(self) -> None:
        """Decode the end: its last second, and more before it while nothing is to be heard."""
        self._look_at_first()
        count = samples = wanted = 0
        while count < len(self._rest):
            wanted = max(EDGE_SAMPLES, 2 * wanted)
            while count < len(self._rest) and samples < wanted:
                count += 1
                samples += self._rest[-count].samples
            heard = self._end(count)
            end = Edges()
            end.feed(heard, RATE)
            if end.has_begun or count == len(self._rest):
                before = self._rest[: len(self._rest) - count]
                self._edges.pass_over(sum(packet.samples for packet in before) / PER_MS)
                self._edges.feed(heard, RATE)
                return

    def _look_at_first(self) -> None:
        """Decode what has come. The decoder leaves out by itself what is to be skipped."""
        if self._first:
            self._edges.feed(self._decoded(self._first), RATE)
            self._first, self._first_samples = [], 0

    def _end(self, count: int) -> array[float]:
        begin = max(0, len(self._rest) - count - RUN_IN_PACKETS)
        run_in = self._rest[begin : len(self._rest) - count]
        heard = self._decoded_anew(self._rest[begin:])
        del heard[: sum(packet.samples for packet in run_in)]
        return heard

    def _decoded_anew(self, packets: Sequence[Packet]) -> array[float]:
        self._decoder.flush_buffers()
        return self._decoded(packets)

    def _decoded(self, packets: Sequence[Packet]) -> array[float]:
        """Return the first channel's samples. Raises SpeechError."""
        heard = array("f")
        try:
            for packet in packets:
                for frame in self._decoder.decode(av.Packet(packet.data)):
                    samples = FLOAT_BYTES * max(0, frame.samples - packet.left_out)
                    heard.frombytes(memoryview(frame.planes[0])[:samples])
        except (av.FFmpegError, ValueError) as error:
            raise SpeechError(BROKEN, retryable=True) from error
        return heard
