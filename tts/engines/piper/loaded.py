"""A voice that is loaded: phonemes -> samples, and when each phoneme begins.

What makes noise in the model is fed from here, by a generator that begins anew with each text: the
same text is the same sound.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

# Before the import: versions from 1.29 on send telemetry unless they are told not to.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime
import structlog
from numpy.typing import NDArray

from tts import memory
from tts.speech import SpeechError

from .folder import BEGIN, END, PAD, VoiceFile, contents
from .model_file import SPEAKER, NotAModel, noise_name, rewritten

log = structlog.get_logger(__name__)
Samples = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]

# So many voices does a process keep: each takes some 200 MB.
MOST_LOADED = 2
DEFAULT_HOP = 256
# Numbers of noise for each phoneme: channels by frames, with room; a slow one takes a second try.
CHANNELS, FRAMES, MORE = 192, 12, 8
SCALES = ("noise_scale", "length_scale", "noise_w")
DEFAULTS = {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8}
BROKEN = "Get the voice again, or copy its file again."


class Loaded:
    """A voice in memory. Raises SpeechError for a file that does not load."""

    def __init__(self, voice: VoiceFile) -> None:
        try:
            model, config, self.version = contents(voice)
            # The bytes go as soon as the session has them.
            graph, found = rewritten(memoryview(model))
            del model
            self._session = _session(graph)
        except (OSError, ValueError) as error:
            words = f": {error}" if isinstance(error, NotAModel) else ""
            raise SpeechError(
                f"The file of this voice cannot be read{words}.", scope="voice", advice=BROKEN
            ) from error
        except Exception as error:  # onnxruntime's own have no common base
            log.warning("piper.not_loaded", voice=voice.name, reason=str(error))
            raise SpeechError(
                "The file of this voice is damaged: it does not load.",
                scope="voice",
                advice=BROKEN,
            ) from error
        self.voice = voice
        self._ids: dict[str, list[int]] = config["phoneme_id_map"]
        self._hop = int(config.get("hop_length") or DEFAULT_HOP)
        self._defaults = {**DEFAULTS, **(config.get("inference") or {})}
        self._outputs = [found.outputs[0], *([found.lengths] if found.lengths else [])]
        self._noises = len(found.noises)
        self._has_speakers = SPEAKER in found.inputs

    def speak(
        self, phonemes: Sequence[str], speaker: int, parameters: Mapping[str, float]
    ) -> tuple[Samples, NDArray[np.int64] | None]:
        """Return the samples, and where each phoneme begins in them, if the model tells."""
        ids, places = self._ids_of(phonemes)
        chosen = {**self._defaults, **parameters}
        inputs: Arrays = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([chosen[name] for name in SCALES], np.float32),
        }
        if self._has_speakers:
            inputs[SPEAKER] = np.array([speaker], np.int64)
        made = self._run(inputs, len(ids))
        samples = np.ravel(made[0]).astype(np.float32)
        if len(made) == 1 or made[1].size != len(ids):
            return samples, None
        ends = np.cumsum(np.ravel(made[1])) * self._hop
        return samples, np.concatenate([[0], ends]).astype(np.int64)[places]

    def _run(self, inputs: Arrays, count: int) -> list[NDArray[np.float32]]:
        seed = int.from_bytes(blake2b(inputs["input"].tobytes(), digest_size=8).digest(), "big")
        for frames in (FRAMES, FRAMES * MORE):
            noise = {
                noise_name(number): np.random.default_rng([seed, number]).standard_normal(
                    CHANNELS * frames * count, dtype=np.float32
                )
                for number in range(self._noises)
            }
            try:
                made: list[NDArray[np.float32]] = self._session.run(self._outputs, inputs | noise)
                return made
            except Exception as error:  # onnxruntime's own have no common base
                failure = error
        log.warning("piper.failed", voice=self.voice.name, reason=str(failure))
        raise SpeechError("The voice could not speak this text.") from failure

    def _ids_of(self, phonemes: Sequence[str]) -> tuple[list[int], list[int]]:
        """Return the ids, and where each phoneme stands among them; an unknown one is left out."""
        pad = self._ids[PAD]
        ids, places = [*self._ids[BEGIN], *pad], []
        for phoneme in phonemes:
            places.append(len(ids))
            if phoneme in self._ids:
                ids += [*self._ids[phoneme], *pad]
        return [*ids, *self._ids[END]], places


def loaded(voice: VoiceFile) -> Loaded:
    """Return a voice, loaded now if this process has not got it. Raises SpeechError."""
    with _lock:
        try:
            key = (voice.name, voice.version)
        except OSError as error:
            raise SpeechError("The file of this voice is gone.", scope="voice") from error
        if key not in _kept:
            # The old ones go first: their memory is what the new one takes.
            while len(_kept) >= MOST_LOADED:
                _kept.popitem(last=False)
            _kept[key] = Loaded(voice)
        _kept.move_to_end(key)
        return _kept[key]


def _session(graph: bytes) -> onnxruntime.InferenceSession:
    memory.never_keep_large()
    options = onnxruntime.SessionOptions()
    # Cores are shared out by processes, and a thread of its own would not survive a fork.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # An arena would keep for good what the longest sentence took.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _start_anew() -> None:
    """Give a forked child a lock that nobody holds."""
    global _lock
    _lock = threading.Lock()


_kept: OrderedDict[tuple[str, str], Loaded] = OrderedDict()
_lock = threading.Lock()
os.register_at_fork(after_in_child=_start_anew)
