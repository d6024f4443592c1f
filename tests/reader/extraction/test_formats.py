"""Each format's ways of saying what is a heading, a list, a note: told apart on small files."""

import io
import zipfile

import pytest

from reader.extraction import extract
from reader.extraction.formats.epub import extract_file as extract_epub
from reader.spoken import speak

from .test_hostile import epub
from .word import document


def shape(blocks):
    return [(block.kind, block.level, block.shown) for block in blocks]


def html(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{body}</body></html>".encode()


def blocks_of(body: str):
    return list(extract("html", html(body)).blocks)


def test_a_word_document_is_told_by_its_styles():
    extracted = extract("docx", document())
    assert (extracted.title, extracted.author) == ("The report", "Ann Author")
    assert shape(extracted.blocks) == [
        ("heading", 1, "The report"),
        ("heading", 1, "First part"),
        ("paragraph", 0, "Plain, bold and slanted words."),
        ("list_item", 1, "One"),
        ("list_item", 2, "Deeper"),
        ("list_item", 1, "First"),
        ("list_item", 1, "Second"),
        ("quotation", 1, "So it was said."),
        ("heading", 2, "Second part"),
        ("table", 0, "Name Age Ann 31"),
        ("paragraph", 0, "Area in m2"),
        ("paragraph", 0, "Kept. Inserted."),
    ]


def test_markdown_has_front_matter_tables_footnotes_and_code():
    text = """---
title: "A title"
author: Ann
lang: fr
---
# Heading

Some *slanted* text[^1] with `code`, <b>bold</b> and a [link](https://example.org/).

3. Three
4. Four
   - Deeper

> Quoted.

| a | b |
|---|---|
| 1 | 2 |

```python
x = 1
```

[^1]: The note.
"""
    extracted = extract("markdown", text.encode())
    blocks = list(extracted.blocks)
    assert (extracted.title, extracted.author, extracted.language) == ("A title", "Ann", "fr")
    assert [(block.kind, block.level) for block in blocks] == [
        ("heading", 1), ("paragraph", 0), ("list_item", 1), ("list_item", 1), ("list_item", 2),
        ("quotation", 1), ("table", 0), ("code", 0), ("list_item", 1),
    ]  # fmt: skip
    assert '<ol type="1" start="3"><li>Three</li></ol>' in blocks[2].html
    assert 'data-role="note"' in blocks[1].html
    assert '<code data-role="code">code</code>' in blocks[1].html
    assert 'href="https://example.org/"' in blocks[1].html
    assert blocks[-1].html.startswith('<ol type="1" start="1" data-role="note"')


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("text <p>one</p> more", ["text", "one", "more"]),
        ("<p>a<br>b</p>", ["a\nb"]),
        ("<div><div>x <b>y</b></div>z</div>", ["x y", "z"]),
        ("<p>  many \n\t spaces  </p>", ["many spaces"]),
        ("<p>one <i>two </i> three</p>", ["one two three"]),
        ("<ul><li>a<ul><li>b</li></ul>c</li></ul>", ["a", "b", "c"]),
        ("<figure><img alt='A map'><figcaption>Fig. 1</figcaption></figure>", ["A map Fig. 1"]),
        ("<p>see <img alt='a star'> here</p>", ["see a star here"]),
        ("<img src=x><p>y</p>", ["y"]),
        ("<table><tr><td><p>layout</p></td></tr></table>", ["layout"]),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", ["Term", "Meaning"]),
        ("<p>a&nbsp;b &lt;c&gt;</p>", ["a\xa0b <c>"]),
        ("<pre>x\n  y</pre>", ["x\n  y"]),
        ("<math alttext='x squared'><mi>x</mi></math>", ["x"]),
        ("<math alttext='x squared'></math>", ["x squared"]),
        ("<h2>Head <small>more</small></h2>", ["Head more"]),
        ("<a href='#x'><h2>Linked</h2></a>", ["Linked"]),
        ("<!-- no --><p>yes</p><?no no?>", ["yes"]),
        ("<select><option>no</select><p>yes", ["yes"]),
    ],
)
def test_what_is_shown_of_markup(body, expected):
    assert [block.shown for block in blocks_of(body)] == expected


def test_a_language_that_changes_is_told():
    blocks = blocks_of("<p>Hello.</p><p lang='de'>Guten Tag.</p><div lang='fr'><p>Salut.</p></div>")
    assert [block.language for block in blocks] == ["", "de", "fr"]


def test_a_page_says_its_title_author_and_site():
    head = (
        "<title>The article – The site</title><meta name='author' content='Ann'>"
        "<meta property='og:site_name' content='The site'>"
    )
    extracted = extract("html", html("<nav>Home</nav><h1>The article</h1><p>Text.</p>", head))
    assert (extracted.title, extracted.author, extracted.site) == ("The article", "Ann", "The site")
    assert [block.shown for block in extracted.blocks] == ["The article", "Text."]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ("<meta charset=koi8-r><p>Привет".encode("koi8-r"), "Привет"),
        ("<p>日本語".encode(), "日本語"),
        ("\ufeff<p>naïve".encode("utf-16"), "naïve"),
        ("<?xml version='1.0' encoding='iso-8859-1'?><html><p>café".encode("latin-1"), "café"),
        (b"<meta charset=no-such><p>plain", "plain"),
    ],
)
def test_a_page_is_read_in_its_own_encoding(data, word):
    assert word in "".join(block.shown for block in extract("html", data).blocks)


def test_an_epub_of_the_second_version_has_its_outline():
    ncx = b"""<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
      <navPoint><navLabel><text>One</text></navLabel><content src="c.xhtml#a"/>
        <navPoint><navLabel><text>Deeper</text></navLabel><content src="c.xhtml#b"/></navPoint>
      </navPoint></navMap></ncx>"""
    body = "<h1 id='a'>One</h1><p>Text.</p><h3 id='b'>Deeper</h3><p>More.</p>"
    data = epub(body, more={"toc.ncx": ncx})
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "book.opf":
                item = b'<item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
                content = content.replace(b"</manifest>", item + b"</manifest>")
            new.writestr(name, content)
    extracted = extract_epub(made.getvalue())
    blocks = list(extracted.blocks)
    assert [(each.level, each.title) for each in extracted.outline] == [(1, "One"), (2, "Deeper")]
    assert [(block.level, block.shown) for block in blocks if block.kind == "heading"] == [
        (1, "One"), (2, "Deeper"),
    ]  # fmt: skip
    anchors = {anchor for block in blocks for anchor in block.anchors}
    assert all(entry.anchor in anchors for entry in extracted.outline)


def test_an_epub_names_its_notes_and_its_pages():
    body = (
        "<p>A word<a epub:type='noteref' href='#n'>see note</a> of "
        "<span epub:type='pagebreak'>12</span>two.</p>"
        "<aside epub:type='footnote' id='n'><p>The note.</p></aside>"
    )
    text, note = extract_epub(epub(body)).blocks
    assert text.shown == "A wordsee note of two."
    assert speak(text.kind, text.html, text.shown).text == "A word of two."
    assert speak(note.kind, note.html, note.shown).silence == "notes"


def test_an_epub_names_the_language_of_a_passage():
    body = (
        "<p xml:lang='fr'>Un mot.</p><p>A word.</p>"
        "<div xml:lang='de'><p>Ein Wort.</p></div><p>One <i xml:lang='la'>verbum</i> more.</p>"
    )
    blocks = list(extract_epub(epub(body)).blocks)
    assert [each.language for each in blocks] == ["fr", "", "de", ""]
    assert 'lang="la"' in blocks[-1].html


def test_the_footnotes_of_a_word_document_stand_at_its_end():
    made = io.BytesIO()
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    notes = (
        f'<w:footnotes xmlns:w="{name}"><w:footnote w:id="2"><w:p><w:r><w:t>The note.</w:t></w:r>'
        "</w:p></w:footnote></w:footnotes>"
    )
    with zipfile.ZipFile(io.BytesIO(document())) as old, zipfile.ZipFile(made, "w") as new:
        for path in old.namelist():
            content = old.read(path)
            if path == "word/document.xml":
                mark = b'<w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
                content = content.replace(b"</w:p>", mark, 1)
            elif path == "word/_rels/document.xml.rels":
                relation = (
                    b'<Relationship Id="rId99" Target="footnotes.xml" Type="http://schemas.'
                    b'openxmlformats.org/officeDocument/2006/relationships/footnotes"/>'
                )
                content = content.replace(b"</Relationships>", relation + b"</Relationships>")
            elif path == "[Content_Types].xml":
                part = (
                    b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.'
                    b'openxmlformats-officedocument.wordprocessingml.footnotes+xml"/>'
                )
                content = content.replace(b"</Types>", part + b"</Types>")
            new.writestr(path, content)
        new.writestr("word/footnotes.xml", notes)
    blocks = list(extract("docx", made.getvalue()).blocks)
    assert '<sup data-role="note">1</sup>' in blocks[0].html
    assert blocks[-1].shown == "1. The note."
    assert 'data-role="note"' in blocks[-1].html
