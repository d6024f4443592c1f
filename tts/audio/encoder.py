"""Encode samples in a stream: the pieces, joined, are the file."""

from __future__ import annotations

import av

from .formats import AudioFormat


class Growing:
    """Where the muxer writes: forwards only, handed on as it comes. It has no ``seek``."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


class Encoder:
    """Encode s16le mono samples piece by piece."""

    def __init__(self, audio_format: AudioFormat, sample_rate: int) -> None:
        self._output = Growing()
        self._container = av.open(
            self._output,
            "w",
            format=audio_format.container,
            container_options=dict(audio_format.container_options),
        )
        stream = self._container.add_stream(
            audio_format.codec,
            rate=audio_format.sample_rate,
            options=dict(audio_format.codec_options),
        )
        assert isinstance(stream, av.AudioStream)
        self._stream = stream
        self._stream.layout = "mono"
        self._stream.bit_rate = audio_format.bit_rate
        self._resampler = av.AudioResampler(
            format=audio_format.sample_format, layout="mono", rate=audio_format.sample_rate
        )
        self._sample_rate = sample_rate
        self._samples = 0
        self._odd = b""

    def encode(self, pcm: bytes) -> bytes:
        """Take samples; return what is ready of the file, which may be nothing."""
        pcm = self._odd + pcm
        whole = len(pcm) - len(pcm) % 2
        self._odd = pcm[whole:]
        if whole:
            frame = av.AudioFrame(format="s16", layout="mono", samples=whole // 2)
            frame.planes[0].update(pcm[:whole])
            frame.sample_rate = self._sample_rate
            frame.pts = self._samples
            self._samples += whole // 2
            self._mux(frame)
        return self._output.take()

    def finish(self) -> bytes:
        """Return the rest of the file. Nothing can be encoded after that."""
        self._mux(None)
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._output.take()

    def _mux(self, frame: av.AudioFrame | None) -> None:
        for resampled in self._resampler.resample(frame):
            self._container.mux(self._stream.encode(resampled))
