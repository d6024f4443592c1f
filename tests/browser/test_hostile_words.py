"""What a book says of itself is shown as text, in a browser whose CSP is off."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from .conftest import sign_in

# Each runs, or leaves its element, wherever it is taken for HTML, an attribute, a script or JSON.
HOSTILE = (
    '"><img src=x onerror="window.hit=1">\'><svg onload=window.hit=1></title></textarea></script>'
    "<script>window.hit=1</script>{{7*7}}<!--javascript:window.hit=1"
)
MARK = "window.hit"
CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
PACKAGE = (
    '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
    '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{words}</dc:title>'
    "<dc:creator>{words}</dc:creator><dc:language>{words}</dc:language>"
    "<dc:description>{words}</dc:description><dc:rights>{words}</dc:rights></metadata>"
    '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
    '<spine><itemref idref="a"/></spine></package>'
)
CHAPTER = (
    '<html xmlns="http://www.w3.org/1999/xhtml" lang="{attribute}"><head><title>{words}</title>'
    '</head><body><h1 id="{attribute}">{words}</h1>'
    '<p title="{attribute}" onclick="window.hit=1">{words}</p>'
    '<p><a href="javascript:window.hit=1">a link</a> <a href="{attribute}">another</a></p>'
    '<img src="none.png" alt="{attribute}" onerror="window.hit=1"/><h2>A chapter {words}</h2>'
    "<table><caption>{words}</caption><tr><td>{words}</td></tr></table>"
    "<script>window.hit=1</script><svg xmlns='http://www.w3.org/2000/svg' onload='window.hit=1'/>"
    "<math xmlns='http://www.w3.org/1998/Math/MathML'><annotation-xml encoding='text/html'>"
    "<img src='x' onerror='window.hit=1'/></annotation-xml><mi>x</mi></math>"
    "<p>The last paragraph.</p></body></html>"
)

OPEN_ALL = """[...document.querySelectorAll("button[aria-expanded], summary")]
    .forEach((button) => button.click())"""


def book() -> bytes:
    words = HOSTILE.replace("&", "&amp;").replace("<", "&lt;")
    attribute = words.replace('"', "&quot;")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("book.opf", PACKAGE.format(words=words))
        archive.writestr("a.xhtml", CHAPTER.format(words=words, attribute=attribute))
    return file.getvalue()


@pytest.fixture
def hostile(stack):
    """Return a person of the staff, and a document of theirs that is hostile wherever it can be."""
    from reader.ingestion.importing import import_document
    from reader.models import Annotation, User
    from reader.services.documents import add_document

    person = stack.person()
    user = User.objects.get(username=person)
    user.is_staff = user.is_superuser = True
    user.first_name = HOSTILE[:150]
    user.save()
    stack.prefer(person, stack.tones(), "tone-500")
    upload = SimpleUploadedFile("book.epub", book())
    upload.name = HOSTILE.replace("/", "|")[:240] + ".epub"
    document = add_document(owner=user, upload=upload, kind="epub", title="")
    import_document(document)
    document.refresh_from_db()
    Annotation.objects.create(
        user=user, document=document, kind="highlight", block_idx=0, end_block_idx=0, end=1,
        quote=HOSTILE, note=HOSTILE,
    )  # fmt: skip
    return person, document


def test_words_of_a_book_run_nowhere(stack, new_context, hostile):
    person, document = hostile
    assert MARK in document.title
    page = new_context(heard=True).new_page()  # with the CSP off
    sign_in(page, person)
    visited = [
        "/", f"/?q={MARK}", f"/documents/{document.uuid}/", "/settings/", "/documents/new/",
        "/admin/", "/admin/reader/document/", f"/admin/reader/document/{document.pk}/change/",
        "/admin/reader/user/", "/admin/tts/audiovariant/",
    ]  # fmt: skip
    for path in visited:
        page.goto(path)
        page.wait_for_load_state("load")
        page.evaluate(OPEN_ALL)
        page.wait_for_timeout(200)
        assert page.evaluate("window.hit") is None, path
        found = page.evaluate(
            """[...document.querySelectorAll("img[src=x], svg[onload], [onerror], [onclick]")]
            .map((element) => element.outerHTML)"""
        )
        assert found == [], path
        links = page.evaluate("[...document.links].map((link) => link.protocol)")
        assert "javascript:" not in links, path
