"""Characters that no database keeps, in what is brought in: NUL, and halves of surrogate pairs."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reader.ingestion.importing import import_document
from reader.services.documents import add_document
from tests.attacks.test_known_holes import epub

pytestmark = pytest.mark.django_db(transaction=True)

HTML = (
    b"<html lang='e&#0;n'><head><title>A ti&#0;tle &#xD800;</title></head><body>"
    b"<h1 id='a&#0;'>A hea&#0;ding</h1><p title='&#0;'>Some wor&#0;ds &#xD83D; &#xFFFF; and words"
    b" and a <a href='https://example.org/&#0;'>link</a>.</p><pre>co&#0;de</pre>"
    b"<table><caption>&#0;</caption><tr><td>a&#0;</td></tr></table><img alt='a&#0;b' src='&#0;'>"
)
MARKDOWN = (
    b"# A hea&#0;ding\n\nSome wor&#0;ds `co&#0;de` &#xD800; and words\n\n"
    b"[li&#0;nk](https://a.example/&#0;)\n"
)


def with_nul_in_every_part() -> bytes:
    book = epub(title="A title", body="<h1>A heading</h1><pre>code</pre>")
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(b"A t", b"A\x00 t&#0;").replace(b"words", b"wo\x00rds")
            new.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", b"A heading\n\nSome words.\xed\xa0\x80\n"),
        ("html", HTML),
        ("markdown", MARKDOWN),
        ("epub", epub(title="A title", body="<p>&#xFFFF; and more</p>")),
    ],
)
def test_they_are_left_out_and_the_rest_is_read(alice, kind, content):
    document = brought_in(alice, kind, content)
    assert document.status == "ready", document.error
    kept = [document.title, document.language, document.author]
    kept += document.outline.values_list("title", flat=True)
    for block in document.blocks.all():
        kept += [block.text, block.html, block.language, block.kind]
    for text in kept:
        assert "\x00" not in text
        text.encode()  # no half of a pair
    assert "words" in "".join(kept)


def test_a_book_that_is_full_of_them_is_read_or_refused_in_words(alice):
    document = brought_in(alice, "epub", with_nul_in_every_part())
    assert document.status == "ready" or document.error


def brought_in(owner, kind, content):
    upload = SimpleUploadedFile(f"a-file.{kind}", content)
    document = add_document(owner=owner, title="", upload=upload, kind=kind)
    import_document(document)
    document.refresh_from_db()
    return document
