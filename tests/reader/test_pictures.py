"""Pictures of a document: shown to whoever may see it, gone with it, and nothing but pictures."""

import io
import zipfile
import zlib

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from reader.deleting import delete_document
from reader.extraction import sandbox
from reader.ingestion.importing import import_document
from reader.models import Document, Picture
from reader.services.documents import add_document

from .conftest import stored_files
from .extraction.test_hostile import WORDS, epub

pytestmark = pytest.mark.django_db(transaction=True)


def png(filler: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return len(data).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    head = b"\0\0\0\1\0\0\0\1\x08\2\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", head), chunk(b"tEXt", b"x\0" + filler),
         chunk(b"IDAT", zlib.compress(b"\0\1\2\3")), chunk(b"IEND", b""))
    )  # fmt: skip


BODY = (
    f"{WORDS}<p><img src='images/a.png' alt='A map of the town.'/></p>"
    "<figure><img src='images/b.png'/><figcaption>Figure 1: Its river.</figcaption></figure>"
    "<img src='images/ornament.png'/><img src='../../../etc/passwd'/>"
    "<img src='http://evil.example/x.png' alt='Remote.'/><img src='images/evil.png' alt='Evil.'/>"
)
MORE = {
    "images/a.png": png(b"a" * 3_000),
    "images/b.png": png(b"b" * 3_000),
    "images/ornament.png": png(),
    "images/evil.png": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
}


@pytest.fixture
def book(alice, voice) -> Document:
    upload = ContentFile(epub(BODY, more=MORE), "book.epub")
    document = add_document(owner=alice, upload=upload, kind="epub")
    import_document(document)
    document.refresh_from_db()
    assert document.status == "ready"
    return document


def address(document: Document, name: str) -> str:
    return reverse("picture", args=[document.uuid, name])


def test_pictures_come_with_what_is_said_of_them():
    blocks = list(sandbox.extract("epub", epub(BODY, more=MORE)).blocks)
    assert [block.shown for block in blocks[1:]] == [
        "A map of the town.", "Figure 1: Its river.", "Remote.", "Evil.",
    ]  # fmt: skip
    assert [len(block.pictures) for block in blocks] == [0, 1, 1, 0, 0]
    (picture,) = blocks[1].pictures
    assert (picture.data, picture.content_type) == (MORE["images/a.png"], "image/png")
    assert f'<img src="picture:{picture.name}" alt="">' in blocks[1].html
    assert "evil" not in "".join(block.html for block in blocks)


@pytest.mark.usefixtures("static_files")
def test_who_may_see_the_document_sees_its_pictures(book, as_alice, as_bob, client):
    names = list(book.pictures.values_list("name", flat=True))
    assert len(names) == 2
    page = as_alice.get(book.get_absolute_url()).content.decode()
    for name in names:
        assert f'src="{address(book, name)}"' in page
        answer = as_alice.get(address(book, name))
        assert answer["Content-Type"] == "image/png"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer["Cache-Control"]
        assert answer.content in MORE.values()
        assert as_bob.get(address(book, name)).status_code == 404
        assert client.get(address(book, name)).status_code == 404
    assert as_alice.get(address(book, "0" * 40)).status_code == 404


def test_pictures_go_with_their_document(book):
    assert len([name for name in stored_files() if "pictures" in name]) == 2
    delete_document(document=book)
    assert not Picture.objects.exists()
    assert not [name for name in stored_files() if "pictures" in name]


def test_an_import_that_finds_no_words_leaves_no_picture(alice, voice):
    only = epub("<img src='images/a.png'/>", more=MORE)
    document = add_document(owner=alice, upload=ContentFile(only, "x.epub"), kind="epub")
    import_document(document)
    document.refresh_from_db()
    assert (document.status, document.block_count) == ("failed", 0)
    assert not Picture.objects.exists()
    assert not [name for name in stored_files() if "pictures" in name]


def test_a_second_attempt_keeps_each_picture_once(book):
    Document.objects.update(status="importing", attempt=1, changed_at="2020-01-01T00:00:00Z")
    book.refresh_from_db()
    import_document(book)
    book.refresh_from_db()
    assert book.status == "ready"
    assert book.pictures.count() == 2
    assert len([name for name in stored_files() if "pictures" in name]) == 2


@pytest.mark.usefixtures("static_files")
@pytest.mark.parametrize(
    "item",
    ['<item id="v" href="images/a.png" media-type="image/png" properties="cover-image"/>',
     '<item id="v" href="images/a.png" media-type="image/png"/><meta name="cover" content="v"/>'],
    ids=["EPUB 3", "EPUB 2"],
)  # fmt: skip
def test_a_book_has_its_cover_in_the_library(item, alice, voice, as_alice):
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(epub(BODY, more=MORE))) as old,
        zipfile.ZipFile(made, "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == "book.opf":
                content = content.replace(b"</manifest>", item.encode() + b"</manifest>")
            new.writestr(name, content)
    upload = ContentFile(made.getvalue(), "x.epub")
    document = add_document(owner=alice, upload=upload, kind="epub")
    import_document(document)
    document.refresh_from_db()
    assert document.status == "ready"
    page = as_alice.get("/").content.decode()
    assert f'src="{address(document, document.cover)}"' in page
    assert as_alice.get(address(document, document.cover)).content == MORE["images/a.png"]


# --- links inside of a document -------------------------------------------------------------------


@pytest.mark.usefixtures("static_files")
def test_links_lead_to_the_blocks_that_they_name(alice, voice, as_alice):
    body = (
        "<h1 id='a b'>One</h1><p>See <a href='#far'>there</a>, <a href='c.xhtml#a%20b'>here</a>, "
        "<a href='no.xhtml'>nowhere</a>, <a href='https://example.org/#far'>elsewhere</a>, "
        "<a href='block:evil'>evil</a>.</p><p>Between.</p><p id='far'>The place.</p>"
    )
    document = add_document(owner=alice, upload=ContentFile(epub(body), "x.epub"), kind="epub")
    import_document(document)
    page = as_alice.get(document.get_absolute_url()).content.decode()
    block = page.partition('id="block-1"')[2].partition("</p>")[0]
    assert '<a href="#block-3" rel="noopener noreferrer nofollow">there</a>' in block
    assert '<a href="#block-0" rel="noopener noreferrer nofollow">here</a>' in block
    assert 'href="https://example.org/#far"' in block
    assert block.count("href=") == 3
    assert "block:" not in block
