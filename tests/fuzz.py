"""``make fuzz``: real files of each format, mutated; whatever comes, it ends in words or blocks.

``SECONDS=600 make fuzz`` goes on longer. A file that ends otherwise is kept in ``.gate/fuzz``.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

from reader.extraction import ExtractionError, kind_of, sandbox
from reader.extraction.child import BROKEN
from reader.spoken import speak
from tests.reader.extraction.material import KEPT, file

SECONDS = float(os.environ.get("SECONDS", "180"))
LONGEST_SECONDS = 60
HISTORY = "usr/share/doc/debian-history/docs/project-history"
SEEDS = {
    "pdf": ("debian-history", f"{HISTORY}.en.pdf"),
    "epub": ("debian-history", f"{HISTORY}.en.epub"),
    "html": ("developers-reference", "usr/share/developers-reference/scope.html"),
    "md": None,
    "docx": None,
}
MARKDOWN = (
    b"---\ntitle: T\n---\n# H\n\nA *b* `c` [d](http://e)[^1].\n\n"
    b"| a | b |\n|-|-|\n| 1 | 2 |\n\n[^1]: N.\n\n"
    b"- [ ] ==x== $\\frac{a}{b}$, \\(x^2\\), H~2~O, 10^6\n"
)
FORMULAS = (
    b"<p>10<sup>23</sup> m<sup>2</sup>, 3<sup>1</sup>/<sub>2</sub>, "
    b"<ruby>a<rp>(</rp><rt>b</rt></ruby>"
    b"<math><mfrac><mi>a</mi><msqrt><mi>b</mi></msqrt></mfrac><mo>(</mo><munderover><mo>&sum;</mo>"
    b"<mi>i</mi><mn>9</mn></munderover><mfenced><mi>c</mi></mfenced><mtable><mtr><mtd>1</mtd></mtr>"
    b"</mtable></math> $\\sum_{i=1}^n x_i$ $$\\begin{pmatrix}a&amp;b\\end{pmatrix}$$</p>"
)


def main() -> int:
    seeds = {kind: seed(kind) for kind in SEEDS}
    rng = random.Random(int(os.environ.get("SEED", time.time())))
    ends: dict[str, int] = {}
    worst, tried, faults = 0.0, 0, 0
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        kind = rng.choice(list(seeds))
        data = mutated(seeds[kind], rng)
        began = time.monotonic()
        try:
            end = taken_apart(f"x.{kind}", data)
        except Exception as error:
            end = f"{type(error).__name__}: {error}"
            faults += 1
            keep(kind, data, end)
        seconds = time.monotonic() - began
        if seconds > LONGEST_SECONDS:
            faults += 1
            keep(kind, data, f"{seconds:.0f} s")
        ends[end] = ends.get(end, 0) + 1
        worst, tried = max(worst, seconds), tried + 1
    for end, count in sorted(ends.items(), key=lambda each: -each[1]):
        print(f"{count:>6}  {end}")
    print(f"{tried} files, the slowest {worst:.1f} s, {faults} faults")
    return 1 if faults else 0


def taken_apart(name: str, data: bytes) -> str:
    """Return how it ended; raise what is no proper end."""
    try:
        extracted = sandbox.extract(kind_of(name, data), data)
        blocks = list(extracted.blocks)
    except ExtractionError as error:
        if str(error) in (BROKEN, sandbox.CRASHED, sandbox.TOO_SLOW):
            raise  # the words of last resort: a fault of ours, or of a library
        return str(error)
    for block in blocks:
        assert "<script" not in block.html.lower()
        assert "javascript:" not in block.html.lower()
        said = speak(block.kind, block.html, block.shown, language="en")
        assert all(length > 0 for _, _, length in said.spans)
    return "blocks"


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Change a few things: bytes, pieces that are cut, doubled, moved or torn off."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16, 64))):
        at, length = rng.randrange(len(made) or 1), rng.choice((1, 2, 8, 100, 5_000))
        match rng.randrange(6):
            case 0 if made:
                made[at] = rng.randrange(256)
            case 1:
                del made[at : at + length]
            case 2:
                made[at:at] = made[at : at + length] * rng.choice((1, 2, 50))
            case 3:
                made[at : at + length] = bytes(rng.randrange(256) for _ in range(length))
            case 4:
                other = rng.randrange(len(made) or 1)
                made[at : at + length] = made[other : other + length]
            case _:
                made[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"9999", b"-1 0"))
    return bytes(made[: rng.randrange(len(made) or 1)] if rng.random() < 0.1 else made)


def seed(kind: str) -> bytes:
    if kind == "md":
        return MARKDOWN
    if kind == "docx":
        from tests.reader.extraction.word import document

        return document()
    package, path = SEEDS[kind] or ("", "")
    data = file(package, path).read_bytes()
    return FORMULAS + data if kind == "html" else data


def keep(kind: str, data: bytes, end: str) -> None:
    folder = KEPT.parent / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{time.time_ns()}.{kind}"
    Path(path).write_bytes(data)
    print(f"{path}: {end}")


if __name__ == "__main__":
    sys.exit(main())
