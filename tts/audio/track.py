"""The sound of a variant as it is stored, growing while its utterances are spoken."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator
from dataclasses import replace

import av

from tts.speech import ENCODED, PCM_S16LE, Speech, SpeechError, WordEvent

from .encoder import Encoder, Growing
from .formats import AudioFormat
from .incoming import (
    BROKEN,
    SIGNATURE_BYTES,
    Arriving,
    Incoming,
    kind_of,
    softened,
)
from .loudness import Leveller
from .ogg import BEGINNING_BYTES, opus_head
from .passing import Passing
from .silence import Edges, samples_of
from .wav import pieces_of_wav, samples_of_wav

BYTES_PER_SAMPLE, FLOAT_BYTES = 2, 4
PIECE_BYTES = 64 * 1024


class Track:
    """Takes in speeches, one after the other, and gives out the pieces of one file.

    ``gain_db`` makes all of it louder or softer.

    Samples are encoded. A sound that is encoded already as it is stored is only repacked, when it
    is the only one and can be so with its gain: that costs a tenth, and the sound loses nothing.
    It is decoded all the same, so that it is known to be sound; Ogg, which has checksums, in parts.
    """

    def __init__(
        self, audio_format: AudioFormat, *, longest_ms: float, gain_db: float = 0.0
    ) -> None:
        self._format = audio_format
        self._gain_db = gain_db
        self._leveller: Leveller | None = None
        self._longest_ms = longest_ms
        self._encoder: Encoder | None = None
        self._rate = 0
        self._repacked = b""
        self.milliseconds = 0.0
        self.edges = Edges()
        self.engine_seconds = 0.0  # spent waiting for the engine
        self.encoder_seconds = 0.0

    def add(self, speech: Speech, *, is_only: bool) -> Iterator[bytes | WordEvent]:
        """Yield the file's next pieces, and word events in the track's time. Raises SpeechError."""
        words: list[WordEvent] = []
        begin_ms = round(self.milliseconds)
        arriving = Arriving(speech.pieces, words.append)
        for piece in self._add(speech, arriving, is_only):
            if self.milliseconds > self._longest_ms:
                raise SpeechError("The sound is far too long for its text.", retryable=True)
            while words:
                word = words.pop(0)
                yield replace(word, start_ms=begin_ms + word.start_ms)
            yield piece
        for word in words:
            yield replace(word, start_ms=begin_ms + word.start_ms)
        self.engine_seconds += arriving.waited_seconds

    def _add(self, speech: Speech, arriving: Arriving, is_only: bool) -> Iterator[bytes]:
        if speech.encoding == PCM_S16LE:
            yield from self._encode_raw(arriving, speech.sample_rate)
            return
        if speech.encoding != ENCODED:
            raise SpeechError(f"Sound in the encoding {speech.encoding!r} is not understood.")
        head = arriving.peek(SIGNATURE_BYTES)
        kind = kind_of(head, may_be_raw=speech.sample_rate > 0)
        if kind == "raw":
            yield from self._encode_raw(arriving, speech.sample_rate)
            return
        if kind == "wav":
            rate, announced = samples_of_wav(arriving)
            if rate:
                for piece in pieces_of_wav(arriving, rate, announced):
                    yield self._encode(piece, rate)
                return
        if is_only and self._format.codec_name == "opus" and kind == "ogg":
            head = opus_head(arriving.peek(BEGINNING_BYTES))
            if self._gain_db:
                head = softened(head, self._gain_db)
            if head:
                yield from self._pass_on(Passing(head, self.edges), arriving)
                return
        incoming = Incoming(arriving, kind)
        is_ours = is_only and incoming.codec == self._format.codec_name
        if is_ours and (not self._gain_db or incoming.soften(self._gain_db)):
            yield from self._repack(incoming)
        else:
            yield from self._encode_again(incoming)

    def finish(self) -> bytes:
        """Return the rest of the file. Raises SpeechError if there is no sound in it."""
        if not round(self.milliseconds):
            raise SpeechError("The voice made no sound of this text.")
        if self._encoder is None:
            return self._repacked
        began = time.perf_counter()
        rest = b""
        if self._leveller:
            levelled = self._leveller.finish()
            self.edges.feed(samples_of(levelled), self._rate)
            rest = self._encoder.encode(levelled)
        rest += self._encoder.finish()
        self.encoder_seconds += time.perf_counter() - began
        return rest

    def _encode_raw(self, arriving: Arriving, sample_rate: int) -> Iterator[bytes]:
        while piece := arriving.read(PIECE_BYTES):
            yield self._encode(piece, sample_rate)

    def _encode(self, pcm: bytes, sample_rate: int) -> bytes:
        began = time.perf_counter()
        if self._encoder is None:
            self._encoder, self._rate = Encoder(self._format, sample_rate), sample_rate
            if self._gain_db:
                self._leveller = Leveller(self._gain_db, sample_rate)
        elif sample_rate != self._rate:
            raise SpeechError("The parts of this text came at different sample rates.")
        self.milliseconds += len(pcm) / BYTES_PER_SAMPLE * 1000 / sample_rate
        if self._leveller:
            pcm = self._leveller.level(pcm)
        self.edges.feed(samples_of(pcm), sample_rate)
        encoded = self._encoder.encode(pcm)
        self.encoder_seconds += time.perf_counter() - began
        return encoded

    def _encode_again(self, incoming: Incoming) -> Iterator[bytes]:
        rate = self._format.sample_rate
        resampler = _resampler(rate)
        for _, frames in incoming.packets():
            for frame in frames:
                for resampled in resampler.resample(frame):
                    yield self._encode(_samples(resampled), rate)
        for resampled in resampler.resample(None):
            yield self._encode(_samples(resampled), rate)

    def _pass_on(self, passing: Passing, arriving: Arriving) -> Iterator[bytes]:
        for piece in passing.pieces(arriving):
            self.milliseconds = passing.milliseconds
            yield piece
        self.encoder_seconds += passing.seconds

    def _repack(self, incoming: Incoming) -> Iterator[bytes]:
        output = Growing()
        container = av.open(
            output,
            "w",
            format=self._format.container,
            container_options=dict(self._format.container_options),
        )
        stream = container.add_stream_from_template(incoming.stream)
        if self._gain_db:  # it stands in the header, which is no part of the template
            stream.codec_context.extradata = incoming.stream.codec_context.extradata
        decoded, until = Decoded(self.edges), None
        for packet, frames in incoming.packets():
            began = time.perf_counter()
            for frame in frames:
                self.milliseconds += frame.samples * 1000 / frame.sample_rate
                decoded.add(frame)
            if packet.dts is None:  # the demuxer's end
                continue
            # In sounds that were put together (chained Ogg) time begins anew.
            if until is not None and packet.dts < until:
                packet.pts = packet.dts = until
            until = packet.dts + (packet.duration or 0)
            packet.stream = stream
            try:
                container.mux(packet)
            except av.FFmpegError as error:
                raise SpeechError(BROKEN, retryable=True) from error
            self.encoder_seconds += time.perf_counter() - began
            if piece := output.take():
                yield piece
        decoded.finish()
        container.close()
        self._repacked = output.take()


class Decoded:
    """The samples of a sound that is only repacked: looked at for its edges, a second at a time.

    To convert or resample each frame would cost more than to decode it.
    """

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._converter = av.AudioResampler(format="fltp")
        self._samples = array("f")
        self._rate = 0

    def add(self, frame: av.AudioFrame) -> None:
        """Take a frame; FFmpeg's own decoders of what is repacked give floats, each channel by
        itself. The first one is looked at."""
        frames = [frame] if frame.format.name == "fltp" else self._converter.resample(frame)
        for each in frames:
            self._rate = each.sample_rate
            self._samples.frombytes(memoryview(each.planes[0])[: each.samples * FLOAT_BYTES])
        if len(self._samples) >= self._rate:
            self.finish()

    def finish(self) -> None:
        if self._samples:
            self._edges.feed(self._samples, self._rate)
            del self._samples[:]


def pcm_of(speech: Speech) -> tuple[bytes, int]:
    """Return a whole speech as s16le mono samples, and their rate. Raises SpeechError."""
    arriving = Arriving(speech.pieces, lambda word: None)
    rate, announced = speech.sample_rate, 0
    if speech.encoding == ENCODED:
        kind = kind_of(arriving.peek(SIGNATURE_BYTES), may_be_raw=rate > 0)
        if kind == "wav":
            rate, announced = samples_of_wav(arriving)
        if kind != "raw" and not (kind == "wav" and rate):
            return _decoded(Incoming(arriving, kind))
    pcm = b"".join(pieces_of_wav(arriving, rate, announced))
    return bytes(pcm[: len(pcm) - len(pcm) % BYTES_PER_SAMPLE]), rate


def _decoded(incoming: Incoming) -> tuple[bytes, int]:
    pcm, rate = bytearray(), incoming.stream.rate
    resampler = _resampler(rate)
    for _, frames in incoming.packets():
        for frame in frames:
            for resampled in resampler.resample(frame):
                pcm += _samples(resampled)
    for resampled in resampler.resample(None):
        pcm += _samples(resampled)
    return bytes(pcm), rate


def _resampler(rate: int) -> av.AudioResampler:
    # Packets of 20 ms cost more in calls than in work; a WebM cluster waits for 60 ms anyway.
    return av.AudioResampler(format="s16", layout="mono", rate=rate, frame_size=rate * 60 // 1000)


def _samples(frame: av.AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * BYTES_PER_SAMPLE]
