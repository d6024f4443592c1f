"""The acoustic model of one voice: phonemes -> samples as they come, and when each phoneme sounds.

The graph predicts a spectrum for each 12.5 ms; ``hibari.dsp`` tells how that becomes a waveform.
Here it is done in stretches, so that the first is out before the last is computed, and memory
stays flat.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# Before the import: versions from 1.29 on send telemetry unless they are told not to.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime
from hibari import dsp
from numpy.typing import NDArray

from tts import memory

Samples = NDArray[np.float32]
HOP, RATE = dsp.HOP, dsp.SR
# A phoneme's duration counts two frames of 12.5 ms.
FRAMES_PER_UNIT = 2
DURATIONS = "/Clip_output_0"  # the tensor in the graph
# How many frames are made into sound at once: the first few are out soon.
FIRST_FRAMES, FRAMES = 48, 240
OVERLAP = dsp.N_FFT // HOP
SEED = 0


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the model makes of phonemes: when each begins, in samples, and the sound."""

    starts: NDArray[np.int64]  # one more than there are phonemes: the last is the end
    stretches: Iterator[Samples]


class Model:
    """One voice. Raises onnxruntime's errors for a file that is no model."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> None:
        """Read the file now, so that processes forked from this one share it."""
        _ = self._session

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        memory.never_keep_large()
        options = onnxruntime.SessionOptions()
        # A thread of its own would not survive a fork, and cores are shared out by processes.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep what the longest sentence took
        options.log_severity_level = 3
        graph = self._path.read_bytes() + _output(DURATIONS)
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        session._model_bytes = None  # kept for a change of providers: eight megabytes
        return session

    def speak(self, ids: Sequence[int]) -> Spoken:
        """Speak phonemes, with pads at both ends. The same ids give the same samples."""
        *spectra, f0, durations = self._session.run(
            None, {"ids": np.array([ids], np.int64), "speed": np.ones(1, np.float32)}
        )
        units = np.concatenate([[0], np.cumsum(np.rint(durations.reshape(-1)))]).astype(np.int64)
        pulses = dsp.pulses(f0[0])
        return Spoken(
            units * FRAMES_PER_UNIT * HOP, _stretches([part[0] for part in spectra], pulses)
        )


def _stretches(spectra: Sequence[Samples], pulses: Samples) -> Iterator[Samples]:
    """Filter the pulses by the spectra and put the frames together, a stretch at a time.

    As ``dsp.synth`` and ``dsp.ola`` do it for all at once, but for the noise, which is drawn in
    another order.
    """
    noise = np.random.default_rng(SEED)
    frames = spectra[0].shape[1]
    padded = np.pad(pulses, dsp.N_FFT // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, dsp.N_FFT)[::HOP]
    squares = (dsp.WIN * dsp.WIN).reshape(OVERLAP, HOP)
    tail = np.zeros((OVERLAP - 1, HOP), np.float32)
    norm_tail = np.zeros((OVERLAP - 1, HOP), np.float32)
    skipped = OVERLAP // 2  # the first frame is centred on the first sample
    begin = 0
    while begin < frames:
        end = min(frames, begin + (FRAMES if begin else FIRST_FRAMES))
        count = end - begin
        parts = [part[:, begin:end] for part in spectra]
        source = np.ascontiguousarray(dsp.rfft(windows[begin:end] * dsp.WIN_SRC, 1).T)
        spectrum = _spectrum(parts, source, noise)
        pieces = dsp.irfft(spectrum.T, dsp.N_FFT, 1)
        pieces *= dsp.WIN
        blocks = pieces.reshape(count, OVERLAP, HOP)
        sound = np.zeros((count + OVERLAP - 1, HOP), np.float32)
        norm = np.zeros((count + OVERLAP - 1, HOP), np.float32)
        sound[: OVERLAP - 1], norm[: OVERLAP - 1] = tail, norm_tail
        for part in range(OVERLAP):
            sound[part : part + count] += blocks[:, part]
            norm[part : part + count] += squares[part]
        tail, norm_tail = sound[count:].copy(), norm[count:].copy()
        done = count + (skipped if end == frames else 0)  # behind the last frame nothing comes
        ready = (sound[:done] / np.maximum(norm[:done], 1e-11)).astype(np.float32)
        yield ready[skipped:].reshape(-1) if begin == 0 else ready.reshape(-1)
        begin = end


def _spectrum(
    parts: Sequence[Samples], source: NDArray[np.complex64], noise: np.random.Generator
) -> NDArray[np.complex64]:
    """Return the spectrum of the frames: harmonics, noise, and a part with phases of its own."""
    harmonics, theta, loud, free, phases = parts
    turned = np.empty(harmonics.shape, np.complex64)
    angle = np.tanh(theta)
    angle *= np.pi
    np.cos(angle, out=turned.real)
    np.sin(angle, out=turned.imag)
    turned *= dsp.ex(harmonics)
    source *= turned
    drawn = noise.standard_normal((harmonics.shape[1], 2 * harmonics.shape[0]), dtype=np.float32)
    hiss = np.ascontiguousarray(drawn.view(np.complex64).T)
    hiss *= dsp.ex(loud)
    source += hiss
    np.cos(phases, out=turned.real)
    np.sin(phases, out=turned.imag)
    turned *= dsp.ex(free)
    source += turned
    return source


def _output(name: str) -> bytes:
    """Return what makes a tensor an output, put behind a model's bytes (onnx.proto3, protobuf).

    Repeated fields of a message that is put together from parts are joined: ModelProto.graph (7)
    → GraphProto.output (12) → ValueInfoProto.name (1).
    """
    return _field(7, _field(12, _field(1, name.encode())))


def _field(number: int, value: bytes) -> bytes:
    if len(value) > 127:
        raise ValueError("The length would take more than one byte.")
    return bytes([number << 3 | 2, len(value)]) + value
