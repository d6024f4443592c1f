"""``make bench-pdf``: whether sentences stay whole, and words are lost, in PDFs that TeX has set.

The files come from Debian's packages, which are fetched when it runs; ``PACKAGES="octave-doc"``
names others, ``FILES=500`` takes more of each, ``FOLDER=/some/folder`` takes one's own instead.
Beside what is read stands what pdftotext finds in the same file. Last come pages whose blocks were
reviewed line by line (``golden_pages.py``).
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from multiprocessing import Pool
from pathlib import Path

from reader.extraction import BlockDraft, ExtractionError, extract
from tests.bench import golden_pages
from tests.reader.extraction.material import package

PACKAGES = "texlive-publishers-doc texlive-science-doc debian-history gnuplot-doc"
FILES = 40
LEAST_PAGES, LEAST_BLOCKS = 2, 6
PROSE = {"paragraph", "list_item"}
STOP = re.compile("[.!?…。！？:;][\"'’”»›)\\]]*\\s*[\\d*†‡]*$")
DIVIDED = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\n\s*(?=[^\W\d_])")
# Of scripts whose lines are broken anywhere, and whose spaces tell nothing, a character.
CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
WORD = re.compile(rf"[{CJK}]|(?:(?![{CJK}])[^\W\d_]){{2,}}")
HEADS = ("PDFs", "not read", "prose, %", "p90", "all, %", "p90", "lost, %", "p90", "pages/s")
LEGEND = """
prose, %: of the borders between two blocks of running text, those inside a sentence: no stop
          before, lower case after; the median of the files
all, %:   of all borders of blocks, those with no stop before and lower case after, headings, cells
          and lines of code among them
lost, %:  words of pdftotext that are neither in a block nor told as left out
"""


def main() -> int:
    missing = [name for name in ("pdftotext", "apt-get") if not shutil.which(name)]
    folder = os.environ.get("FOLDER", "")
    if "pdftotext" in missing or (missing and not folder):
        print(
            f"This needs {' and '.join(missing)}, which is not there. pdftotext is in Debian's "
            "package poppler-utils; without apt-get, give a folder of PDFs: FOLDER=/some/folder."
        )
        return 1
    named = [folder] if folder else os.environ.get("PACKAGES", PACKAGES).split()
    print(f"{'':24}", *(f"{head:>9}" for head in HEADS))
    for name in named:
        try:
            root = Path(name) if folder else package(name)
        except (subprocess.SubprocessError, OSError) as error:
            print(f"{name:24} could not be fetched: {error}")
            continue
        row(name, chosen(root))
    print(LEGEND)
    return 0 if folder else golden_pages.main()


def chosen(root: Path) -> list[str]:
    """Return some of a folder's PDFs, the same each time."""
    files = sorted(map(str, root.rglob("*.pdf")))
    random.Random(7).shuffle(files)
    return files[: int(os.environ.get("FILES", FILES))]


def row(name: str, files: Sequence[str]) -> None:
    with Pool(2) as pool:
        found = pool.map(measured, files, chunksize=1)
    read = [each for each in found if each]
    figures = [f"{len(read)}", f"{len(found) - len(read)}"]
    for what in ("prose", "all", "lost"):
        shares = sorted(100 * each[what] for each in read)
        figures += (f"{at(shares, share):.1f}" for share in (0.5, 0.9))
    seconds = sum(each["seconds"] for each in read)
    figures.append(f"{sum(each['pages'] for each in read) / seconds:.0f}" if seconds else "–")
    print(f"{name[-24:]:24}", *(f"{figure:>9}" for figure in figures), flush=True)


def at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def measured(path: str) -> dict[str, float]:
    """Return a file's figures; none for one that is refused, or has hardly any text."""
    data = Path(path).read_bytes()
    began = time.process_time()
    try:
        extracted = extract("pdf", data)
        blocks = list(extracted.blocks)
    except ExtractionError:
        return {}
    seconds = time.process_time() - began
    if extracted.parts < LEAST_PAGES or len(blocks) < LEAST_BLOCKS:
        return {}
    told = " ".join(part.why for part in extracted.left_out)
    return {
        "prose": cut((one, other) for one, other in pairwise(blocks)
                     if {one.kind, other.kind} <= PROSE),
        "all": cut(pairwise(blocks)),
        "lost": lost(path, " ".join(block.shown for block in blocks), told),
        "pages": extracted.parts,
        "seconds": seconds,
    }  # fmt: skip


def cut(borders: Iterable[tuple[BlockDraft, BlockDraft]]) -> float:
    """Return the share of borders that stand inside a sentence."""
    inside = [not STOP.search(one.shown.strip()) and other.shown.strip()[:1].islower()
              for one, other in borders]  # fmt: skip
    return sum(inside) / max(1, len(inside))


def lost(path: str, shown: str, told: str) -> float:
    """Return the share of the words that pdftotext finds, and that are neither read nor told."""
    plain = subprocess.run(
        ["pdftotext", "-q", path, "-"], capture_output=True, text=True, errors="replace"
    ).stdout
    there = words(DIVIDED.sub("", plain))
    # A compound counts as a whole, and as its parts.
    here = words(shown) + words(re.sub(r"[-\u2010]", "", shown))
    missing = there - here
    known = words(told)
    gone = sum(count for word, count in missing.items() if word not in known)
    return gone / max(1, sum(there.values()))


def words(text: str) -> Counter[str]:
    # pdftotext drops the joiners that shape words of Persian.
    folded = unicodedata.normalize("NFKC", text).lower().replace("\u200c", "")
    return Counter(WORD.findall(folded))


if __name__ == "__main__":
    sys.exit(main())
