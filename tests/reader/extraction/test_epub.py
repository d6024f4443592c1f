"""Books as they really come: files under odd names, in odd orders, with a bad part among them."""

import io
import struct
import unicodedata
import zipfile
import zlib

import pytest

from reader.extraction import ExtractionError, LeftOut, sandbox
from reader.extraction.formats.epub import extract_file

from .test_hostile import CONTAINER

XHTML = "application/xhtml+xml"


def page(body: str, head: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>t</title>{head}</head>'
        f"<body>{body}</body></html>"
    ).encode()


def book(
    files: dict[str, bytes | str],
    *,
    manifest: str | None = None,
    spine: str | None = None,
    more: dict[str, bytes] | None = None,
) -> bytes:
    """Make a book; a page that is only text is a paragraph. In that order unless told otherwise."""
    items = "".join(
        f'<item id="i{at}" href="{name}" media-type="{XHTML}"/>' for at, name in enumerate(files)
    )
    order = "".join(f'<itemref idref="i{at}"/>' for at in range(len(files)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>T</dc:title>'
        f"<dc:language>en</dc:language></metadata>"
        f"<manifest>{items if manifest is None else manifest}</manifest>"
        f"<spine>{order if spine is None else spine}</spine></package>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("book.opf", package)
        for name, content in files.items():
            data = page(f"<p>{content}</p>") if isinstance(content, str) else content
            archive.writestr(name, data)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return made.getvalue()


def read(data: bytes) -> tuple[list[str], list[LeftOut]]:
    extracted = extract_file(data)
    return [block.shown for block in extracted.blocks], extracted.left_out


def item(href: str, name: str = "i0", more: str = "") -> str:
    return f'<item id="{name}" href="{href}" media-type="{XHTML}" {more}/>'


@pytest.mark.parametrize(
    ("name", "href"),
    [
        ("Text/c.xhtml", "text/C.XHTML"),
        ("Text/c.xhtml", "Text\\c.xhtml"),
        ("Text\\c.xhtml", "Text/c.xhtml"),
        (unicodedata.normalize("NFD", "Größe.xhtml"), unicodedata.normalize("NFC", "Größe.xhtml")),
        (unicodedata.normalize("NFC", "Größe.xhtml"), unicodedata.normalize("NFD", "größe.xhtml")),
        ("a b.xhtml", "a%20b.xhtml"),
        ("a%20b.xhtml", "a b.xhtml"),
        ("a%20b.xhtml", "a%20b.xhtml"),
        ("100%.xhtml", "100%.xhtml"),
        ("c#1.xhtml", "c#1.xhtml"),
        ("c#1.xhtml", "c%231.xhtml"),
        ("why?.xhtml", "why?.xhtml"),
        ("c.xhtml", "./x/../c.xhtml"),
        ("c.xhtml", "/c.xhtml"),
        ("c.xhtml", "c.xhtml?page=1"),
        ("日本.xhtml", "%E6%97%A5%E6%9C%AC.xhtml"),
    ],
)
def test_a_page_is_found_however_its_name_is_spelled(name, href):
    texts, left_out = read(
        book({name: "Words."}, manifest=item(href), spine='<itemref idref="i0"/>')
    )
    assert (texts, left_out) == (["Words."], [])


def test_a_name_in_utf_8_that_the_archive_does_not_tell_is_found():
    data = book({"gr_____e.xhtml": "Words."}, manifest=item("größe1.xhtml"),
                spine='<itemref idref="i0"/>')  # fmt: skip
    data = data.replace(b"gr_____e.xhtml", "größe1.xhtml".encode())
    assert read(data) == (["Words."], [])


@pytest.mark.parametrize(
    ("manifest", "spine", "order"),
    [
        (None, "", ["One.", "Two.", "Three."]),
        (None, '<itemref idref="gone"/>', ["One.", "Two.", "Three."]),
        ("", "", ["One.", "Two.", "Three."]),
        (None, '<itemref idref="i2"/><itemref idref="i0"/>', ["Three.", "One."]),
        (None, '<itemref idref=" i0 "/><itemref idref="i1"/>', ["One.", "Two."]),
        (
            None,
            '<itemref idref="i0" linear="no"/><itemref idref="i1"/>'
            '<itemref idref="i2" linear="no"/>',
            ["One.", "Two.", "Three."],
        ),
        (
            item("a1.xhtml", "the first") + item("a2.xhtml", " the  second "),
            '<itemref idref="the first"/><itemref idref="the second"/>',
            ["One.", "Two."],
        ),
        (
            item("a2.xhtml", "i0"),
            '<itemref idref="a1.xhtml"/><itemref idref="i0"/>',
            ["One.", "Two."],
        ),
    ],
)
def test_a_book_is_read_in_its_order_or_the_best_that_there_is(manifest, spine, order):
    files = {"a1.xhtml": "One.", "a2.xhtml": "Two.", "a10.xhtml": "Three."}
    texts, _ = read(book(files, manifest=manifest, spine=spine))
    assert texts == order


def test_a_book_without_an_order_is_read_in_that_of_its_contents():
    nav = page('<nav epub:type="toc"><ol><li><a href="b.xhtml">B</a></li>'
               '<li><a href="a.xhtml">A</a></li></ol></nav>')  # fmt: skip
    manifest = (
        item("a.xhtml", "a") + item("b.xhtml", "b") + item("n.xhtml", "n", 'properties="nav"')
    )
    texts, _ = read(book({"a.xhtml": "A.", "b.xhtml": "B."}, manifest=manifest, spine="",
                         more={"n.xhtml": nav}))  # fmt: skip
    assert texts == ["B.", "A."]


def test_a_book_whose_package_is_broken_is_read_in_the_order_of_names():
    data = book({"c10.xhtml": "Ten.", "c9.xhtml": "Nine."}, manifest="<", spine="<<")
    assert read(data)[0] == ["Nine.", "Ten."]


def png() -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        )

    header = part(b"IHDR", struct.pack(">LLBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + header + part(b"IDAT", zlib.compress(b"\0\0")) + part(b"IEND", b"")
    )


def encryption(*paths: str) -> dict[str, bytes]:
    data = "".join(
        f'<EncryptedData><EncryptionMethod Algorithm="http://example.org/own"/><CipherData>'
        f'<CipherReference URI="{path}"/></CipherData></EncryptedData>'
        for path in paths
    )
    return {"META-INF/encryption.xml": f"<encryption>{data}</encryption>".encode()}


@pytest.mark.parametrize(
    ("bad", "more", "why"),
    [
        (png(), {}, "is a picture"),
        (b"%PDF-1.7 words", {}, "a PDF document, not a page"),
        (b"", {}, "nothing to read"),
        (bytes(range(1, 256)) * 20, {}, "not text"),
        ("Locked.", encryption("bad.xhtml"), "encrypted"),
        (page("<div>" * 500 + "deep"), {}, "nested too deeply"),
    ],
)
def test_a_bad_part_is_told_and_the_rest_is_read(bad, more, why):
    files = {"a.xhtml": "One.", "bad.xhtml": bad, "c.xhtml": "Three."}
    texts, left_out = read(book(files, more=more))
    assert texts == ["One.", "Three."]
    ((where, told),) = [(each.where, each.why) for each in left_out]
    assert where == "Chapter 2 (bad.xhtml)"
    assert why in told


def test_a_page_that_is_missing_or_damaged_is_told():
    files = {"a.xhtml": "One.", "b.xhtml": "Two, and more of it. " * 20, "c.xhtml": "Three."}
    data = bytearray(
        book(files, spine="".join(f'<itemref idref="{n}"/>' for n in ["i0", "x", "i1", "i2"]))
    )
    at = data.index(b"b.xhtml", data.index(b"PK\3\4", data.index(b"a.xhtml")))
    data[at + 20 : at + 30] = b"0123456789"
    extracted = sandbox.extract("epub", bytes(data))  # over the child's lines too
    assert [block.shown for block in extracted.blocks] == ["One.", "Three."]
    assert [part.where for part in extracted.left_out] == ["Chapter 2 (x)", "Chapter 2 (b.xhtml)"]


def test_a_book_of_nothing_but_bad_parts_says_what_is_wrong():
    with pytest.raises(ExtractionError, match="PDF document"):
        read(book({"a.xhtml": b"%PDF-1.7"}))
    with pytest.raises(ExtractionError, match="protected by DRM"):
        read(book({"a.xhtml": "One.", "b.xhtml": "Two."}, more=encryption("a.xhtml", "b.xhtml")))


def test_an_obfuscated_font_and_rights_alone_keep_nobody_from_reading():
    more = encryption("fonts/a.otf") | {"META-INF/rights.xml": b"<rights/>", "fonts/a.otf": b"x"}
    assert read(book({"a.xhtml": "One."}, more=more)) == (["One."], [])


def test_a_page_that_stands_in_for_another_is_read_instead():
    manifest = (
        '<item id="i0" href="p.pdf" media-type="application/pdf" fallback="x"/>'
        f'<item id="x" href="p.xhtml" media-type="{XHTML}"/>'
    )
    data = book({"p.xhtml": "Words."}, manifest=manifest, spine='<itemref idref="i0"/>',
                more={"p.pdf": b"%PDF-1.7"})  # fmt: skip
    assert read(data) == (["Words."], [])


@pytest.mark.parametrize(
    ("svg", "texts"),
    [
        ("<svg><text>Words</text></svg>", ["Words"]),
        ('<svg><text x="1" y="10">Over two</text><text x="1" y="28">lines.</text></svg>',
         ["Over two lines."]),
        ('<svg><text y="10">One</text><text y="300">far away</text></svg>', ["One", "far away"]),
        ('<svg><text><tspan x="0" dy="1">A line</tspan><tspan dy="9">more</tspan></text></svg>',
         ["A line more"]),
        ("<svg><text>let<tspan>ter</tspan>s</text></svg>", ["letters"]),
        ("<svg><title>A map</title><path d='x'/></svg>", ["A map"]),
        ("<svg><title>No tooltip</title><text>Words</text></svg>", ["Words"]),
        ("<svg><defs><text>unseen</text></defs><text display='x'>seen</text></svg>", ["seen"]),
        ("<svg><foreignObject><p>Within</p></foreignObject></svg>", ["Within"]),
        ("<svg:svg xmlns:svg='http://www.w3.org/2000/svg'><svg:text>Named</svg:text></svg:svg>",
         ["Named"]),
        ("<p>Before</p><svg><text>Words</text></svg>after", ["Before", "Words", "after"]),
    ],
)  # fmt: skip
def test_the_words_of_a_drawing_are_read(svg, texts):
    assert read(book({"a.xhtml": page(svg)}))[0] == texts
    if svg.startswith("<svg>"):
        alone = svg.replace("<svg>", '<svg xmlns="http://www.w3.org/2000/svg">', 1).encode()
        assert read(book({"a.svg": alone}))[0] == texts


@pytest.mark.parametrize(
    "style",
    [
        ".gone{display:none}", "p.gone, .x { color: red; display : NONE }",
        "@media screen { .gone { display: none } }", ".gone{visibility:hidden}",
        ".gone{display:block} .gone{display:none}", "/* } */ .gone { display: none !important }"
        ".gone { display: block }", "@page{margin:1em} .gone{display:none}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_linked", [False, True])
def test_what_a_style_sheet_hides_is_not_read(style, is_linked):
    link = '<link rel="stylesheet" href="css/s.css"/>'
    body = page("<p>Seen.</p><p class='gone'>Unseen.</p><p>More.</p>",
                link if is_linked else f"<style>{style}</style>")  # fmt: skip
    data = book({"a.xhtml": body}, more={"css/s.css": style.encode()})
    assert read(data)[0] == ["Seen.", "More."]


@pytest.mark.parametrize(
    "style",
    [
        "@media print { .gone { display: none } }", "@media amzn-mobi { .gone { display: none } }",
        ".gone{display:none} p.gone{display:block}", ".gone{display:none} .gone{display:inline}",
        ".gone:::{display:none}", "p{display:none}", ".other{display:none}",
    ],
)  # fmt: skip
def test_what_a_style_sheet_shows_is_read(style):
    body = page("<p>Seen.</p><p class='gone'>Seen too.</p>", f"<style>{style}</style>")
    assert read(book({"a.xhtml": body}))[0] == ["Seen.", "Seen too."]


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("<p>He <span epub:type='pagebreak' id='p1'>12</span>went.</p>", ["He went."]),
        ("<p>He <span role='doc-pagebreak' aria-label='12'>page 12</span>went.</p>", ["He went."]),
        ("<p>One.</p><p class='pageno'>– 12 –</p><p>Two.</p>", ["One.", "Two."]),
        ("<p>He <a id='page_xii'>xii</a>went.</p>", ["He went."]),
        ("<p>He <span class='pagenum'><a id='Page_7'>{7}</a></span>went.</p>", ["He went."]),
        ("<p>wo<span class='page-number'>[p. 3]</span>rd</p>", ["word"]),
        ("<p>On <span id='page12'>13</span> May.</p>", ["On 13 May."]),
        ("<p class='pagenumbers'>All 12 of them.</p>", ["All 12 of them."]),
        ("<p>In <span class='number'>12</span> days.</p>", ["In 12 days."]),
        ("<p>Chapter <span class='page-title'>12</span></p>", ["Chapter 12"]),
    ],
)
def test_printed_page_numbers_are_left_out_with_evidence(body, texts):
    assert read(book({"a.xhtml": page(body)}))[0] == texts


def test_a_link_to_a_printed_page_still_leads_there():
    body = "<p>One.</p><p>Two <span class='pagenum'><a id='Page_7'>[7]</a></span>words.</p>"
    blocks = list(extract_file(book({"a.xhtml": page(body)})).blocks)
    assert "a.xhtml#Page_7" in blocks[1].anchors


def test_the_character_data_and_switches_of_xml_are_read():
    body = (
        "<p><![CDATA[A & B]]></p><epub:switch><epub:case required-namespace='x'><p>Odd</p>"
        "</epub:case><epub:default><p>Usual</p></epub:default></epub:switch>"
    )
    assert read(book({"a.xhtml": page(body)}))[0] == ["A & B", "Usual"]
