"""``make bench-words``: which words of real Word documents are lost, against their own XML.

The documents are those of python-docx's source distribution, fetched when it runs, and those that
the installed packages bring along. A file fails if more than one word in a hundred is not among
what is shown of its blocks.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

from lxml import etree

from reader.extraction import ExtractionError, extract
from tests.reader.extraction.material import KEPT, one_at_a_time

SOURCE = "python-docx==1.2.0"
MOST_LOST = 0.01
NAMES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
}
# What Word shows: not what was deleted or hidden, not a second version of the same.
SHOWN = (
    "//w:t[not(ancestor::mc:Fallback)][not(ancestor::w:del)][not(ancestor::w:moveFrom)]"
    "[not(parent::w:r/w:rPr/w:vanish[not(@w:val)])]"
    " | //m:t | //a:p//a:t[not(ancestor::mc:Fallback)]"
)
PARTS = re.compile(r"word/(?:document|footnotes|endnotes)\d*\.xml")


def main() -> int:
    files = [*fetched(), *installed()]
    lost_most, total, missing = [], 0, 0
    for name, data in files:
        words = written(data)
        try:
            said = Counter(words_of("\n".join(each.shown for each in extract("docx", data).blocks)))
        except ExtractionError as error:
            print(f"{name}: {error}")
            said = Counter()
        lost = words - said
        total, missing = total + words.total(), missing + lost.total()
        if lost:
            lost_most.append((lost.total() / words.total(), name, lost))
    for share, name, lost in sorted(lost_most, key=lambda each: -each[0]):
        print(f"{share:7.2%}  {name}: {', '.join(list(lost)[:8])}")
    print(f"{len(files)} documents, {total} words, {missing} of them lost")
    return 1 if any(share > MOST_LOST for share, _, _ in lost_most) else 0


def fetched() -> list[tuple[str, bytes]]:
    """Return the documents of the source distribution."""
    folder = KEPT / "python-docx"
    with one_at_a_time():
        if not list(folder.glob("*.tar.gz")):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-binary", ":all:"]
            command += ["--no-deps", "--no-build-isolation", "--dest", str(folder), SOURCE]
            subprocess.run(command, check=True)
    (path,) = folder.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        members = [each for each in archive.getmembers() if each.name.endswith(".docx")]
        return [(Path(each.name).name, archive.extractfile(each).read()) for each in members]


def installed() -> list[tuple[str, bytes]]:
    """Return the documents that packages have brought along."""
    folder = Path(etree.__file__).parent.parent
    return [(path.name, path.read_bytes()) for path in sorted(folder.rglob("*.docx"))]


def written(data: bytes) -> Counter[str]:
    """Count the words in a document's XML."""
    words: Counter[str] = Counter()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if not PARTS.fullmatch(name):
                continue
            root = etree.fromstring(archive.read(name))
            # Runs of one paragraph go on in the middle of words.
            for paragraph in root.iter(f"{{{NAMES['w']}}}p"):
                shown = set(paragraph.xpath(SHOWN.replace("//", ".//"), namespaces=NAMES))
                nested = set(paragraph.xpath(".//w:p//w:t", namespaces=NAMES))
                pieces = []
                for element in paragraph.iter():
                    if element in shown and element not in nested:
                        pieces.append(element.text or "")
                    elif element.tag in BREAKS:
                        pieces.append(" ")
                words += Counter(words_of("".join(pieces)))
    return words


BREAKS = {f"{{{NAMES['w']}}}{name}" for name in ("tab", "br", "cr", "drawing", "pict", "hyperlink")}


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text)


if __name__ == "__main__":
    sys.exit(main())
