"""``make bench-import``: pages per second and peak memory of an import, part by part.

Beside it the plain text of the same library, in reading order, as the floor. Each in a process of
its own, the best of some: what is measured is the work, not what else the machine does.
"""

from __future__ import annotations

import json
import os
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


TIMES = 5
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
    """Return each figure's best."""
    # Modules are compiled once, as those of the libraries are.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    runs = [
        json.loads(
            subprocess.run(
                [sys.executable, "-m", "tests.bench.imports", what, path],
                capture_output=True, text=True, check=True, env=environment,
            ).stdout
        )
        for _ in range(TIMES)
    ]  # fmt: skip
    return {figure: min(run[figure] for run in runs) for figure in runs[0]}


def one(what: str, path: str) -> None:
    """Do one thing in this process, and tell what it took."""
    import resource

    from reader.extraction import extract, kind_of, sandbox
    from reader.spoken import speak

    data = Path(path).read_bytes()
    # Other processes' time counts only where this one waits for a child of its own.
    clock = time.perf_counter if what == "sandbox" else time.process_time
    began, first, blocks, parts = clock(), 0.0, 0, 0
    if what == "floor":
        plain_text(path, data)
    else:
        take = sandbox.extract if what == "sandbox" else extract
        extracted = take(kind_of(path, data), data)
        parts = extracted.parts
        for block in extracted.blocks:
            blocks += 1
            first = first or clock() - began
            if what == "speak":
                speak(block.kind, block.html, block.shown)
    seconds = clock() - began
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
    import posixpath
    import zipfile

    import lxml.etree
    import lxml.html

    # The order of the files in the archive is none: the package says which is read when.
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        container = lxml.etree.fromstring(archive.read("META-INF/container.xml"))
        path = container.find(".//{*}rootfile").get("full-path")
        package = lxml.etree.fromstring(archive.read(path))
        items = {item.get("id"): item.get("href") for item in package.iterfind(".//{*}item")}
        for reference in package.iterfind(".//{*}itemref"):
            name = posixpath.join(posixpath.dirname(path), items[reference.get("idref")])
            lxml.html.fromstring(archive.read(name)).text_content()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        one(*sys.argv[1:])
    else:
        sys.exit(main())
