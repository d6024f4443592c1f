"""``make bench-import``: pages per second and peak memory of an import, part by part.

Beside it the plain text of the same library, as the floor. Each in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from tests.reader.extraction.material import file

BOOKS = {
    "PDF, 261 pages": (
        "debian-reference-en", "usr/share/debian-reference/debian-reference.en.pdf",
    ),
    "PDF, 1,158 pages": ("octave-doc", "usr/share/doc/octave/octave.pdf"),
    "EPUB": (
        "developers-reference", "usr/share/developers-reference/developers-reference.epub",
    ),
}  # fmt: skip


HEADS = ("pages", "blocks", "first, s", "all, s", "pages/s", "MB", "floor, s", "times", "floor MB",
         "spoken, s", "in child, s")  # fmt: skip


def main() -> int:
    print(f"{'':18}", *(f"{head:>11}" for head in HEADS))
    for name, (package, path) in BOOKS.items():
        found = str(file(package, path))
        made, floor = measured("extract", found), measured("floor", found)
        spoken, child = measured("speak", found), measured("sandbox", found)
        figures = (
            f"{made['parts']:.0f}",
            f"{made['blocks']:.0f}",
            f"{child['first']:.2f}",
            f"{made['seconds']:.2f}",
            f"{made['parts'] / made['seconds']:.0f}",
            f"{made['memory']:.0f}",
            f"{floor['seconds']:.2f}",
            f"{made['seconds'] / floor['seconds']:.1f}",
            f"{floor['memory']:.0f}",
            f"{spoken['seconds'] - made['seconds']:.2f}",
            f"{child['seconds']:.2f}",
        )
        print(f"{name:18}", *(f"{figure:>11}" for figure in figures))
    return 0


def measured(what: str, path: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.imports", what, path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def one(what: str, path: str) -> None:
    """Do one thing in this process, and tell what it took."""
    import resource

    from reader.extraction import extract, kind_of, sandbox
    from reader.spoken import speak

    data = Path(path).read_bytes()
    began, first, blocks, parts = time.perf_counter(), 0.0, 0, 0
    if what == "floor":
        plain_text(path, data)
    else:
        take = sandbox.extract if what == "sandbox" else extract
        extracted = take(kind_of(path, data), data)
        parts = extracted.parts
        for block in extracted.blocks:
            blocks += 1
            first = first or time.perf_counter() - began
            if what == "speak":
                speak(block.kind, block.html, block.shown)
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "first": first, "blocks": blocks, "parts": parts,
                      "memory": memory}))  # fmt: skip


def plain_text(path: str, data: bytes) -> None:
    """Take out the text as the library gives it, and nothing else."""
    if path.endswith(".pdf"):
        import pypdfium2

        document = pypdfium2.PdfDocument(data)
        for number in range(len(document)):
            page = document[number]
            textpage = page.get_textpage()
            textpage.get_text_range()
            textpage.close()
            page.close()
        return
    import io
    import zipfile

    import lxml.html

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith("html"):
                lxml.html.fromstring(archive.read(name)).text_content()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        one(*sys.argv[1:])
    else:
        sys.exit(main())
