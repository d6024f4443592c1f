"""Files made to harm: each ends in words or in harmless blocks, soon, and leaves nothing behind."""

import io
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from reader.extraction import ExtractionError, kind_of, sandbox
from reader.extraction.formats.pdf.page.signs import readable

from .material import file
from .word import document

SECONDS = 60
CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
)
OPF = (
    '<?xml version="1.0"?>{doctype}<package xmlns="http://www.idpf.org/2007/opf" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>{title}</dc:title>'
    "<dc:language>en</dc:language></metadata><manifest>"
    '<item id="c" href="{href}" media-type="application/xhtml+xml"/></manifest>'
    '<spine><itemref idref="c"/></spine></package>'
)
PAGE = "<html xmlns='http://www.w3.org/1999/xhtml'><body>{}</body></html>"
WORDS = "<p>Words that are to be read, whatever stands around them.</p>"


def epub(
    body: str | bytes = WORDS, *, doctype: str = "", title: str = "T", href: str = "c.xhtml",
    more: dict[str, bytes] | None = None,
) -> bytes:  # fmt: skip
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("book.opf", OPF.format(doctype=doctype, title=title, href=href))
        page = body if isinstance(body, bytes) else PAGE.format(body).encode()
        archive.writestr("c.xhtml", page)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return made.getvalue()


def zip_bomb() -> bytes:
    return epub(b"<p>a</p>" * 40_000_000)


def nested_zips() -> bytes:
    inner = b"0" * 10_000_000
    for level in range(5):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(4):
                archive.writestr(f"{level}-{copy}.zip", inner)
        inner = made.getvalue()
    return epub(more={"deep.zip": inner})


def overlapping_entries() -> bytes:
    """Many entries of the directory over the same bytes (as in David Fifield's bombs)."""
    data = zlib.compress(b"a" * 10_000_000)[2:-4]
    name = b"c.xhtml"
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(data), 10_000_000,
                        len(name), 0) + name + data  # fmt: skip
    directory = b""
    for number in range(2_000):
        entry = f"{number:06}.x".encode()
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(data), 10_000_000,
            len(entry), 0, 0, 0, 0, 0, 0,
        ) + entry  # fmt: skip
    directory += struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(data), 10_000_000, 8, 0, 0, 0, 0,
        0, 0,
    ) + b"book.opf"  # fmt: skip
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2_001, 2_001, len(directory), len(local), 0)
    return local + directory + end


def many_entries() -> bytes:
    return epub(more={f"{number}.txt": b"" for number in range(100_000)})


LAUGHS = (
    "<!DOCTYPE package [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(12))
    + "]>"
)


def pdf(*objects: bytes, root: str = "1 0 R") -> bytes:
    made, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    at = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    made += f"trailer<</Size {len(objects) + 1}/Root {root}>>\nstartxref\n{at}\n%%EOF".encode()
    return bytes(made)


def stream(data: bytes, filters: str = "") -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(data), filters.encode(), data)


def nested_streams() -> bytes:
    data = b"0" * 50_000_000
    names = []
    for _ in range(4):
        data = zlib.compress(data)
        names.append("/FlateDecode")
    content = stream(data, f"/Filter[{' '.join(names)}]")
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>",
        content,
    )


def recursive_page_tree() -> bytes:
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 1000000>>")


def a_million_objects() -> bytes:
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        *[b"[]"] * 1_000_000,
    )


def deep_html() -> bytes:
    return b"<html><body>" + b"<div>" * 100_000 + b"words" + b"</div>" * 100_000


HOSTILE = {
    "zip bomb": ("x.epub", zip_bomb, "far larger"),
    "nested zips": ("x.epub", nested_zips, ""),
    "overlapping zip": ("x.epub", overlapping_entries, "far larger"),
    "100,000 entries": ("x.epub", many_entries, "far too many"),
    "entity bomb": ("x.epub", lambda: epub(doctype=LAUGHS, title="&m;"), ""),
    "external entity": (
        "x.epub",
        lambda: epub(
            doctype='<!DOCTYPE package [<!ENTITY x SYSTEM "file:///etc/passwd">]>', title="&x;"
        ),
        "",
    ),
    "path traversal": ("x.epub", lambda: epub(href="../../../../etc/passwd"), "*"),
    "nested streams": ("x.pdf", nested_streams, "*"),
    "recursive page tree": ("x.pdf", recursive_page_tree, "*"),
    "a million objects": ("x.pdf", a_million_objects, "*"),
    "elements in elements": ("x.html", deep_html, "*"),
    "a table of tables": (
        "x.html", lambda: b"<table><tr><td>" * 3_000 + b"words" + b"</table>" * 3_000, "*",
    ),
    "empty elements": (
        "x.html", lambda: b"<div class='comment'></div>" * 30_000 + WORDS.encode(), "1 blocks",
    ),
    "articles in articles": (
        "x.html", lambda: b"<div class='post'>" * 95 + WORDS.encode() * 3_000, "3000 blocks",
    ),
    "style sheets": (
        "x.html",
        lambda: b"<style>" + b".c .c .c .b{display:none}@a{}" * 20_000 + b"</style>"
        + b"<div class='c a'>" * 90 + b"<p class='b'>A word.</p>" * 5_000, "*",
    ),
    "file names": (
        "x.html", lambda: (b"<img alt='" + b"_a" * 140 + b"!'>") * 3_000 + WORDS.encode(), "*",
    ),
    "notes at the ends of lines": (
        "x.html", lambda: b"<p>" + b"a<sup>1</sup><br>" * 50_000 + b"</p>", "*",
    ),
    "markdown of brackets": ("x.md", lambda: b"[" * 50_000 + b"a" + b"](" * 50_000, "*"),
    "markdown of quotes": ("x.md", lambda: b">" * 100_000 + b" a", "*"),
}  # fmt: skip


def test_an_archive_with_a_huge_directory_is_told_before_it_is_read():
    data = many_entries()
    began = time.process_time()
    with pytest.raises(ExtractionError, match="far too many"):
        kind_of("x.epub", data)
    assert time.process_time() - began < 1


def test_the_child_of_a_process_that_is_killed_ends_too(tmp_path):
    """The parent is killed while the child reads; nobody wants its answer any more."""
    path = tmp_path / "x.html"
    path.write_bytes(b"<p>Words.</p>" * 400_000)
    script = (
        "import sys, pathlib; from reader.extraction import sandbox;"
        "data = pathlib.Path(sys.argv[1]).read_bytes();"
        "extracted = sandbox.extract('html', data); next(extracted.blocks);"
        "print('reading', flush=True); input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout.readline() == b"reading\n"
    readers = children(parent.pid)
    assert readers
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while any(is_running(pid) for pid in readers):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(pid: int) -> list[str]:
    """The processes that ``pid``'s threads started and that have not been waited for."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def is_running(pid: str) -> bool:
    try:
        return "\nState:\tZ" not in (Path("/proc") / pid / "status").read_text()
    except FileNotFoundError:
        return False


def taken_apart(name: str, data: bytes):
    extracted = sandbox.extract(kind_of(name, data), data)
    return extracted, list(extracted.blocks)


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_made_to_harm_ends_in_words_or_harmless_blocks(case, capsys, monkeypatch, tmp_path):
    name, make, told = HOSTILE[case]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    data, began = make(), time.monotonic()
    try:
        extracted, blocks = taken_apart(name, data)
        result = f"{len(blocks)} blocks"
    except ExtractionError as error:
        extracted, blocks, result = None, [], str(error)
    seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    with capsys.disabled():
        print(f"\n{case}: {result}; {seconds:.1f} s, at most {peak} MB so far", end="")
    assert seconds < SECONDS
    assert told in result or told == "*"
    shown = "".join(block.shown for block in blocks) + (extracted.title if extracted else "")
    assert "root:" not in shown
    assert len(shown) < 10_000_000
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


HARMFUL = """
<p onclick="x()">One <a href="javascript:alert(1)">two</a> <a href="data:text/html,x">three</a>
<a href=" jav&#x0A;ascript:alert(1)">four</a></p>
<svg><script>alert(1)</script><text>drawn</text></svg><script>alert(2)</script>
<style>p { color: red }</style><iframe src="//evil"></iframe>
<p style="display:none">hidden one</p><p style="VISIBILITY : hidden">hidden two</p>
<div hidden>hidden three</div><span style="font-size:0">hidden four</span>
<img src="http://evil/x.png" onerror="x()" alt="A picture">
<p style="background:url(//evil)">five</p>
<form><input value="typed"><button>press</button></form><object data="x"></object>
<p data-role="evil" class="x" id="y">six</p><math><mtext><script>alert(3)</script></mtext></math>
"""


@pytest.mark.parametrize(("name", "make"), [
    ("x.html", lambda: f"<html><body>{HARMFUL}</body></html>".encode()),
    ("x.epub", lambda: epub(HARMFUL)), ("x.md", lambda: HARMFUL.encode()),
], ids=["html", "epub", "markdown"])  # fmt: skip
def test_nothing_that_runs_or_hides_reaches_the_page(name, make):
    _, blocks = taken_apart(name, make())
    html = "\n".join(block.html for block in blocks)
    shown = "\n".join(block.shown for block in blocks)
    for word in ("One", "two", "three", "four", "five", "six", "A picture"):
        assert word in shown, word
    for word in ("hidden", "alert", "typed", "press"):
        assert word not in shown, word
    # A drawing is a page's ornament on the web, and may be the page itself in a book.
    assert ("drawn" in shown) == (name == "x.epub")
    for what in ("javascript:", "data:", "onclick", "onerror", "<script", "<svg", "<style", "<img",
                 "<iframe", "<object", "style=", "class=", "id=", "evil"):  # fmt: skip
        assert what not in html.lower(), what


REAL = {
    "pdf": ("debian-history", "usr/share/doc/debian-history/docs/project-history.fr.pdf"),
    "epub": ("debian-history", "usr/share/doc/debian-history/docs/project-history.fr.epub"),
}


@pytest.mark.parametrize("kind", REAL)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_a_file_cut_off_is_told_or_read_as_far_as_it_goes(kind, share):
    data = file(*REAL[kind]).read_bytes()
    words, blocks = "", []
    try:
        _, blocks = taken_apart(f"x.{kind}", data[: round(len(data) * share)])
    except ExtractionError as error:
        words = str(error)
    assert blocks or words.endswith((".", "?"))


@pytest.mark.parametrize("name", ["x.pdf", "x.epub", "x.docx"])
def test_a_mislabelled_file_is_told(name):
    with pytest.raises(ExtractionError, match="is none"):
        kind_of(name, b"Only words, and no book.")


def test_a_protected_book_is_named_as_such():
    encryption = (
        b"<encryption><EncryptedData>"
        b"<EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes128-cbc'/>"
        b"<CipherData><CipherReference URI='c.xhtml'/></CipherData></EncryptedData></encryption>"
    )
    with pytest.raises(ExtractionError, match="protected by DRM"):
        taken_apart("x.epub", epub(more={"META-INF/encryption.xml": encryption}))
    fonts = encryption.replace(b"c.xhtml", b"fonts/a.otf")
    _, blocks = taken_apart("x.epub", epub(more={"META-INF/encryption.xml": fonts}))
    assert len(blocks) == 1


def test_a_scan_is_named_as_such():
    scan = pdf(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>",
        stream(b"0 0 200 200 re f"),
    )  # fmt: skip
    with pytest.raises(ExtractionError, match="is a scan"):
        taken_apart("x.pdf", scan)


def test_the_child_ends_with_its_blocks():
    before = set(children(os.getpid()))
    extracted = sandbox.extract("epub", epub(WORDS * 2_000))
    next(extracted.blocks)
    assert set(children(os.getpid())) - before
    extracted.blocks.close()
    assert set(children(os.getpid())) - before == set()


def test_the_child_can_write_nothing_into_a_file(tmp_path):
    script = (
        "import sys; from reader.extraction.child import limit; limit();"
        "open(sys.argv[1], 'wb', buffering=0).write(b'a word')"
    )
    path = tmp_path / "written"
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True)
    assert "File too large" in done.stderr
    assert path.read_bytes() == b""


# --- found by mutating real files ---------------------------------------------------------------


def test_halves_of_characters_in_a_pdf_are_put_together_or_replaced():
    assert readable("\ud835\udc00 and \ud800.") == "\U0001d400 and \ufffd."


def test_a_word_document_with_a_damaged_picture_is_told():
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document())) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("word/media/x.png", os.urandom(5_000) + bytes(50_000))
        relations = "word/_rels/document.xml.rels"
        at = new.getinfo("word/media/x.png").header_offset
    data = bytearray(made.getvalue())
    data[at + 60 : at + 3_000] = bytes(2_940)
    assert relations in old.namelist()
    try:
        _, blocks = taken_apart("x.docx", bytes(data))
    except ExtractionError as error:
        blocks, words = [], str(error)
    assert blocks or "damaged" in words


FAR = "9" * 38 + ".0"  # as far as a number reaches: times itself it is none


@pytest.mark.parametrize("page", ["1 0 0 1 0 0", f"{FAR} 0 0 {FAR} 0 0"])
@pytest.mark.parametrize(
    "words", [f"{FAR} 0 0 {FAR} 20 100", f"1 0 0 1 {FAR} {FAR}", f"{FAR} -{FAR} {FAR} -{FAR} 0 0"]
)
def test_letters_that_a_broken_matrix_puts_nowhere_break_nothing(page, words):
    content = (
        f"{page} cm BT /F1 12 Tf 1 0 0 1 20 150 Tm (Words in their place.) Tj "
        f"{words} Tm (Lost words.) Tj ET"
    )
    _, blocks = taken_apart(
        "x.pdf",
        pdf(
            b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>>>",
            stream(content.encode()), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ),
    )  # fmt: skip
    assert "Words in their place." in "".join(block.html for block in blocks)
