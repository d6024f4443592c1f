"""Taking one's data away, and deleting the account with everything."""

import io
import json
import zipfile

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from reader import tasks
from reader.models import (
    Annotation,
    Document,
    Export,
    LexiconEntry,
    SpokenText,
    Token,
    User,
)
from reader.services.preferences import save_position
from reader.services.tokens import make_token
from tests.conftest import make_document
from tts.models import AudioVariant

from .conftest import INLINE, make_sounds, stored_files

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("static_files"),
]
DATA, DELETE, SURE = "/accounts/data/", "/accounts/delete/", "/accounts/reauthenticate/"


def be_sure(client: Client, after: str, password: str = "a-long-password") -> str:
    answered = client.get(after)
    assert answered.headers["Location"] == f"{SURE}?next={after.replace('/', '%2F')}"
    answered = client.post(answered.headers["Location"], {"password": password, "next": after})
    return answered.headers.get("Location", "")


async def pieces_of(response) -> list[bytes]:
    return [piece async for piece in response.streaming_content]


@pytest.fixture
def notes(alice, document) -> Annotation:
    save_position(user=alice, document=document, block_idx=1, offset_ms=500)
    LexiconEntry.objects.create(user=alice, word="Godot", say="go doe")
    passage = {"block_idx": 0, "start": 0, "end_block_idx": 0, "end": 9, "quote": "The first"}
    return Annotation.objects.create(
        user=alice, document=document, kind="highlight", note="a note of mine", **passage
    )


async def test_a_person_takes_everything_away(alice, document, notes, bobs_document):
    from asgiref.sync import sync_to_async

    def fetch() -> object:
        client = Client()
        client.force_login(alice)
        assert be_sure(client, DATA) == DATA
        page = client.get(DATA).content.decode()
        assert "1 document," in page
        assert not INLINE.search(page)
        return client.post(DATA)

    response = await sync_to_async(fetch)()
    pieces = await pieces_of(response)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.testzip() is None
    folder = "documents/00001 A document"
    assert sorted(archive.namelist()) == [
        "README.txt",
        "account.json",
        *(f"{folder}/{name}" for name in ("document.json", "notes.json", "source.txt", "text.md")),
    ]
    account = json.loads(archive.read("account.json"))
    assert account["name"] == "alice"
    assert account["words"][0]["say"] == "go doe"
    about = json.loads(archive.read(f"{folder}/document.json"))
    assert about["position"] == {"block": 1, "ms": 500}
    assert json.loads(archive.read(f"{folder}/notes.json"))[0]["note"] == "a note of mine"
    text = archive.read(f"{folder}/text.md").decode()
    assert text.startswith("The first paragraph is about the sea.\n\nThe second")
    assert b"first paragraph" in archive.read(f"{folder}/source.txt")
    assert "Bob" not in "".join(str(archive.read(name)) for name in archive.namelist())


async def test_the_archive_is_sent_while_it_is_made(alice, document):
    from asgiref.sync import sync_to_async

    from reader.accounts.data import _sent

    def enlarge() -> None:
        with document.source.storage.open(document.source.name, "wb") as file:
            file.write(bytes(8 * 1024 * 1024))
        Document.objects.filter(pk=document.pk).update(source_name="large.pdf")

    await sync_to_async(enlarge)()
    sizes = [len(piece) async for piece in _sent(alice)]
    assert sum(sizes) > 8 * 1024 * 1024
    assert max(sizes) <= 128 * 1024


def test_only_who_has_the_password_gets_at_it(as_alice, alice):
    assert be_sure(as_alice, DATA, "wrong") == ""
    assert as_alice.post(DATA).status_code == 302
    assert as_alice.post(DELETE, {"name": "alice"}).status_code == 302
    alice.refresh_from_db()
    assert alice.is_active


def test_who_has_no_password_signs_in_anew(alice):
    alice.set_unusable_password()
    alice.save()
    client = Client()
    client.force_login(alice)
    assert client.get(DELETE).status_code == 403


def test_an_account_goes_with_everything(as_alice, alice, document, voice, notes, bobs_document):
    make_sounds(document, voice)
    make_sounds(bobs_document, voice)
    binned = make_document(alice, "Thrown away, and not gone.", "In the trash")
    Document.objects.filter(pk=binned.pk).update(deleted_at=timezone.now())
    key = make_token(user=alice, name="phone", scopes=["read"])[1]
    export = Export.objects.create(document=document, owner=alice, kind="markdown")
    export.file.save(f"{export.uuid.hex}-1.md", io.BytesIO(b"made"))
    spoken = AudioVariant.objects.create(
        text="Said to nobody else.", text_hash="f" * 40, recipe_hash="e" * 40, language="en",
        voice=voice,
    )  # fmt: skip
    SpokenText.objects.create(
        user=alice, text_hash=spoken.text_hash, kept_until=timezone.now() + timezone.timedelta(1)
    )
    elsewhere = Client()
    elsewhere.force_login(alice)

    be_sure(as_alice, DELETE)
    refused = as_alice.post(DELETE, {"name": "bob"}).content.decode()
    assert "This is not your user name." in refused
    assert as_alice.post(DELETE, {"name": "alice"}).headers["Location"] == "/accounts/deleted/"
    for client in (as_alice, elsewhere):
        assert client.get("/").status_code == 302, "At once, everywhere."
    headers = {"Authorization": f"Bearer {key}"}
    assert Client().get("/api/v1/documents", headers=headers).status_code == 401

    tasks.delete_person(alice.pk)
    tasks.delete_person(alice.pk)
    assert [user.username for user in User.objects.all()] == ["bob"]
    assert [each.title for each in Document.objects.all()] == ["Bob's own"]
    assert not Token.objects.exists()
    assert not SpokenText.objects.exists()
    texts = set(AudioVariant.objects.values_list("text", flat=True))
    assert texts == set(bobs_document.blocks.values_list("text", flat=True))
    kept = AudioVariant.objects.values_list("file", flat=True)
    assert stored_files() == sorted([*kept, bobs_document.source.name])


def test_a_deletion_whose_message_was_lost_is_gone_on_with(alice, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.delete_person, "delay", sent.append)
    past = timezone.now() - timezone.timedelta(minutes=5)
    User.objects.filter(pk=alice.pk).update(is_active=False, leaving_at=past)
    tasks.resume_leaving()
    assert sent == [alice.pk]


def test_the_only_administrator_stays(staff):
    be_sure(staff, DELETE, "r-long-password")
    answered = staff.post(DELETE, {"name": "root"})
    assert answered.status_code == 409
    assert "You are the only one" in answered.content.decode()
    assert User.objects.get().is_active
    assert Session.objects.exists()
