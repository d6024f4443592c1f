"""Nothing leaks: a stranger and nobody get what they would get if there were nothing."""

import uuid

import pytest
from django.test import Client

from reader.deleting import delete_document
from reader.models import Document, User
from tests.conftest import make_document
from tts.models import AudioVariant, Status

from .conftest import make_sounds, marks_url, sound_url, want
from .page import Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

SECRET = "about the sea"  # in alice's document


def parts_of(document_uuid: uuid.UUID, variant: AudioVariant) -> list[str]:
    """What only a page fetches."""
    return [f"/documents/{document_uuid}/blocks/", sound_url(variant), marks_url(variant)]


def all_of(document_uuid: uuid.UUID, variant: AudioVariant) -> list[str]:
    return [f"/documents/{document_uuid}/", *parts_of(document_uuid, variant)]


def content(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


# --- there is something that could leak ----------------------------------------------------------


def test_the_owner_sees_and_hears_all_of_it(as_alice, document, sounds):
    for address in all_of(document.uuid, sounds[0]):
        assert as_alice.get(address).status_code == 200
    assert SECRET in as_alice.get(document.get_absolute_url()).content.decode()
    assert len(content(as_alice.get(sound_url(sounds[0])))) == sounds[0].bytes


def test_a_stranger_sees_and_hears_what_is_theirs(as_bob, bobs_document, voice):
    (variant,) = make_sounds(bobs_document, voice)
    for address in all_of(bobs_document.uuid, variant):
        assert as_bob.get(address).status_code == 200


# --- a stranger ----------------------------------------------------------------------------------


def test_a_stranger_gets_404(as_bob, bobs_document, document, sounds):
    for address in all_of(document.uuid, sounds[0]):
        assert as_bob.get(address).status_code == 404, address
        assert as_bob.head(address).status_code in (404, 405), address


def test_a_stranger_cannot_tell_a_foreign_document_from_none(as_bob, document, sounds):
    nothing = uuid.uuid4()
    no_sound = AudioVariant(pk=nothing, sound_revision=2)
    for foreign, none in zip(
        all_of(document.uuid, sounds[0]),
        all_of(nothing, no_sound),
        strict=True,
    ):
        theirs, nobodys = as_bob.get(foreign), as_bob.get(none)
        assert theirs.status_code == nobodys.status_code
        assert theirs.content == nobodys.content
        assert theirs.headers == nobodys.headers


def test_a_stranger_hears_no_sound_that_is_being_made(as_bob, bobs_document, document, voice):
    variant = want(document, voice)[0]
    assert variant.claim()
    assert as_bob.get(sound_url(variant)).status_code == 404


def test_a_stranger_cannot_delete(as_bob, document):
    assert as_bob.post(f"/documents/{document.uuid}/delete/").status_code == 404
    assert Document.objects.present().filter(pk=document.pk).exists()


def test_a_stranger_sees_nothing_of_it_in_their_library(as_bob, bobs_document, document):
    page = as_bob.get("/").content.decode()
    assert "Bob&#x27;s own" in page
    assert str(document.uuid) not in page
    assert document.title not in page


def test_an_administrator_reads_no_foreign_document_on_the_pages(document, sounds):
    User.objects.create_superuser("root", password="r-long-password")
    client = Client()
    client.login(username="root", password="r-long-password")
    for address in all_of(document.uuid, sounds[0]):
        assert client.get(address).status_code == 404, address


# --- the same text -------------------------------------------------------------------------------


def test_who_has_a_document_with_the_same_text_may_hear_it(as_bob, bob, document, sounds):
    own = make_document(bob, "The first paragraph is about the sea.")
    assert [block.text_hash for block in own.blocks.all()] == [sounds[0].text_hash]
    assert as_bob.get(sound_url(sounds[0])).status_code == 200
    assert as_bob.get(marks_url(sounds[0])).status_code == 200
    for other in sounds[1:]:
        assert as_bob.get(sound_url(other)).status_code == 404
        assert as_bob.get(marks_url(other)).status_code == 404
    assert as_bob.get(f"/documents/{document.uuid}/").status_code == 404


def test_the_right_to_hear_goes_with_the_document(as_bob, bob, sounds):
    own = make_document(bob, "The first paragraph is about the sea.")
    assert as_bob.get(sound_url(sounds[0])).status_code == 200
    delete_document(document=own)
    assert as_bob.get(sound_url(sounds[0])).status_code == 404
    assert AudioVariant.objects.get(pk=sounds[0].pk).status == Status.CACHED


# --- nobody --------------------------------------------------------------------------------------


def test_nobody_gets_404_for_what_only_a_page_fetches(client, document, sounds):
    for address in parts_of(document.uuid, sounds[0]):
        assert client.get(address).status_code == 404, address


def test_nobody_is_sent_to_sign_in_whether_or_not_there_is_such_a_document(client, document):
    nothing = uuid.uuid4()
    for method in (client.get, client.post):
        for address in ("/documents/{}/", "/documents/{}/delete/"):
            for which in (document.uuid, nothing):
                path = address.format(which)
                response = method(path)
                assert (response.status_code, response.headers["Location"]) == (
                    302,
                    f"/accounts/login/?next={path}",
                )
                assert response.content == b""
    assert Document.objects.filter(pk=document.pk).exists()


@pytest.mark.parametrize(
    "address", ["/", "/documents/new/", "/settings/", "/accounts/password_change/"]
)
def test_every_page_but_the_sign_in_needs_one(client, address):
    response = client.get(address)
    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"/accounts/login/?next={address}",
    )


def test_what_was_signed_out_hears_nothing(as_alice, document, sounds):
    assert as_alice.get(sound_url(sounds[0])).status_code == 200
    as_alice.post("/accounts/logout/")
    assert as_alice.get(sound_url(sounds[0])).status_code == 404
    assert as_alice.get(f"/documents/{document.uuid}/").status_code == 302


def test_a_person_who_was_switched_off_hears_nothing(as_alice, alice, sounds):
    alice.is_active = False
    alice.save()
    assert as_alice.get(sound_url(sounds[0])).status_code == 404


# --- the socket ----------------------------------------------------------------------------------


async def test_a_stranger_and_nobody_get_no_socket(
    as_alice, as_bob, bobs_document, document, sounds
):
    assert await Page(as_bob, document).open_code() == 4404
    assert await Page(Client(), document).open_code() == 4401
    nowhere = Document(uuid=uuid.uuid4(), owner_id=document.owner_id)
    assert await Page(as_bob, nowhere).open_code() == 4404
    assert await Page(Client(), nowhere).open_code() == 4401
    own = Page(as_bob, bobs_document)
    assert (await own.open())["cached"] == []
    await own.leave()
    alices = Page(as_alice, document)
    assert (await alices.open())["cached"] != []
    await alices.leave()


# --- files have no addresses ---------------------------------------------------------------------


def test_no_file_has_an_address_of_its_own(as_alice, document, sounds):
    for name in (document.source.name, sounds[0].file.name):
        for prefix in ("/", "/files/", "/media/", "/static/", "/static/../files/"):
            assert as_alice.get(f"{prefix}{name}").status_code == 404


def test_an_address_that_names_nothing_is_404(as_bob):
    for path in ("/documents/1/", "/audio/1/1/", "/documents/../../etc/passwd", "/audio//2/"):
        assert as_bob.get(path).status_code == 404
