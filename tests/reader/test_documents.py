"""What is taken: texts and files, and the blocks that they become."""

import pytest

from reader.models import Document
from tests.conftest import TEXT

from .bringing_in import NEW, assert_refused, bring_in, queued_imports, texts, upload
from .conftest import stored_files

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def test_a_pasted_text_becomes_blocks(as_alice, alice):
    document = bring_in(as_alice, {"text": TEXT, "title": "  Sea, land, sky  "})
    assert (document.owner, document.title, document.source_name) == (alice, "Sea, land, sky", "")
    assert (document.status, document.block_count, document.revision) == ("ready", 4, 1)
    assert texts(document) == [
        "The first paragraph is about the sea.",
        "The second paragraph is about the land.",
        "",
        "The third paragraph is about the sky.",
    ]


def test_a_document_is_imported_by_a_worker(as_alice):
    as_alice.post(NEW, {"text": TEXT})
    document = Document.objects.get()
    assert document.status == "importing"
    assert queued_imports() == [f"({document.pk},)"]


def test_a_text_file_becomes_blocks(as_alice):
    document = bring_in(as_alice, upload(TEXT.encode(), "Sea & land.txt"))
    assert document.source_name == "Sea & land.txt"
    assert len(texts(document)) == 4


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
def test_a_text_file_in_any_usual_encoding(as_alice, encoding):
    text = "Der Käfer läuft über die große Wiese.\r\n\r\nÀ côté, une vache mange l'herbe."
    document = bring_in(as_alice, upload(text.encode(encoding)))
    assert texts(document) == text.split("\r\n\r\n")


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd.txt", "/etc/passwd.txt", "a\\b.txt", "ü" * 300 + ".txt", ".txt", "..txt"],
)
def test_a_files_name_is_never_a_path(as_alice, name):
    document = bring_in(as_alice, upload(b"A sentence.", name))
    assert len(document.source_name) <= 255
    assert document.source.name == f"uploads/{document.uuid.hex}.txt"
    assert stored_files() == [document.source.name]


def test_one_word_is_a_document(as_alice):
    assert texts(bring_in(as_alice, {"text": "Hello"})) == ["Hello"]


def test_a_hundred_thousand_characters_without_a_full_stop(as_alice):
    text = "word " * 20_000
    document = bring_in(as_alice, {"text": text})
    lengths = [len(block) for block in texts(document)]
    assert " ".join(texts(document)) == text.strip()
    assert max(lengths) <= 400
    assert min(lengths) >= 40


def test_a_hundred_thousand_letters_without_a_space(as_alice):
    document = bring_in(as_alice, {"text": "x" * 100_000})
    assert "".join(texts(document)) == "x" * 100_000
    assert max(len(block) for block in texts(document)) <= 400


def test_control_characters_are_left_out(as_alice):
    document = bring_in(as_alice, {"text": "One\x01 two\x1b three\x7f.\n\n\x02\x03\x04\n\nFour."})
    assert [text for text in texts(document) if text] == ["One two three.", "Four."]


def test_a_null_in_a_pasted_text_is_refused_in_words(as_alice):
    assert_refused(as_alice.post(NEW, {"text": "One\x00 two."}), "Null characters")


def test_a_null_in_a_file_is_left_out(as_alice):
    document = bring_in(as_alice, upload(b"One\x00 two three four five six seven. Eight."))
    assert " ".join(texts(document)) == "One two three four five six seven. Eight."


def test_right_to_left_text(as_alice):
    text = "هذه فقرة قصيرة عن البحر."
    document = bring_in(as_alice, {"text": text})
    assert texts(document) == [text]
    page = as_alice.get(f"/documents/{document.uuid}/").content.decode()
    assert 'dir="auto"' in page
    assert text in page


def test_emoji(as_alice):
    document = bring_in(as_alice, {"text": "A family 👨‍👩‍👧‍👦 went home. 🎉🎉🎉\n\n🎉🎉🎉"})
    first, second = document.blocks.all()
    assert "👨‍👩‍👧‍👦" in first.text
    assert first.characters == len(first.text)
    assert second.is_skipped


@pytest.mark.parametrize(
    "text",
    [
        "%PDF-1.7 is how such a file begins.",
        "{\\rtf1 begins another.",
        "ID3 tags are in music files.",
        "RIFF is a format of Microsoft's.",
        "GIF89a was the last of them.",
        "PK\x03\x04 are the initials of Phil Katz.",
    ],
)
def test_a_pasted_text_may_begin_like_a_file_of_another_kind(as_alice, text):
    document = bring_in(as_alice, {"text": text})
    assert document.status == "ready"
    assert texts(document)[0].split()[-1] == text.split()[-1]


def test_markup_is_shown_and_not_obeyed(as_alice):
    text = "<script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(3))"
    document = bring_in(as_alice, {"text": text, "title": "<script>alert(4)</script>"})
    for address in ("/", f"/documents/{document.uuid}/", f"/documents/{document.uuid}/blocks/"):
        page = as_alice.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "javascript:alert" not in page.replace("(javascript:alert(3))", "")
