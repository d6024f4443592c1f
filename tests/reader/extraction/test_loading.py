"""What the process that takes a book apart loads: a plain one needs little of what others do."""

import importlib.util
import subprocess
import sys

import pytest

from .test_epub import book, page

# Not to be loaded, by what needs it: each costs memory and time before a book's first words.
NEEDED_FOR = {
    "the recordings of a narrator": [
        "av", "mutagen", "reader.extraction.recordings",
        "reader.extraction.formats.epub.overlays", "reader.extraction.formats.epub.narration",
    ],
    "formulas in TeX": ["latex2mathml"],
    "PDFs": ["pypdfium2", "reader.extraction.formats.pdf"],
    "Markdown": ["markdown_it", "mdit_py_plugins", "reader.extraction.formats.markdown"],
    "Word documents": ["reader.extraction.formats.docx"],
    "articles among what else a web page shows": [
        "trafilatura", "readability", "justext", "courlan", "htmldate", "dateparser",
        "reader.extraction.article", "reader.extraction.formats.html",
    ],
    "a text that does not tell its encoding": [
        "charset_normalizer", "chardet", "reader.extraction.plain.encodings",
    ],
    "a book that does not tell its language": ["py3langid", "numpy", "reader.extraction.language"],
    "files that are refused": ["reader.extraction.foreign"],
    "what is said of a block": ["reader.spoken"],
    "the web's and the workers' processes": [
        "django", "celery", "redis", "httpx2", "ssl", "asyncio", "email", "logging",
        "reader.models", "tts",
    ],
    "speech": ["onnxruntime", "piper", "hibari"],
}  # fmt: skip
BOOK = {"one.xhtml": "It was late. The price was $5, or $10 with $HOME.", "two.xhtml": "It rained."}
PROGRAM = (
    "import sys\n"
    "from reader.extraction import child\n"
    "sys.argv[1:] = ['epub', '']\n"
    "child.main()\n"
    "print(*sys.modules, file=sys.stderr)"
)


def loaded(data):
    """Return the modules in a fresh process that took a book apart."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=data, capture_output=True, timeout=60, check=True
    )
    assert run.stdout.endswith(b'{"done": true}\n')
    assert b'"block"' in run.stdout
    return set(run.stderr.decode().splitlines()[-1].split())


@pytest.fixture(scope="module")
def plain():
    return loaded(book(BOOK))


@pytest.mark.parametrize("need", NEEDED_FOR)
def test_a_plain_book_does_not_load_what_only_others_need(plain, need):
    assert [name for name in NEEDED_FOR[need] if name in plain] == []


def test_what_is_not_to_be_loaded_is_there_under_these_names():
    names = [name for each in NEEDED_FOR.values() for name in each]
    assert [name for name in names if not importlib.util.find_spec(name)] == []


def test_a_book_with_a_formula_loads_what_that_needs(plain):
    found = loaded(book({**BOOK, "three.xhtml": page("<p>So $x^2$ holds.</p>")}))
    assert "latex2mathml" in found
    # The library loads some of what the web's processes need.
    others = set(NEEDED_FOR) - {"formulas in TeX", "the web's and the workers' processes"}
    assert [name for need in others for name in NEEDED_FOR[need] if name in found] == []
