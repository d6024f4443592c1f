"""The admin: who may in, people, documents."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from reader.models import Document, Token, User, Webhook
from reader.services.tokens import make_token, token_of
from reader.tasks import delete_person, purge
from tests.conftest import TEXT, make_document
from tts.models import AudioVariant

from .conftest import INLINE, make_sounds, stored_files
from .staff import VARIANTS, act, staff_with, text_of

ICON = re.compile(r'<link rel="icon" [^>]*href="([^"]+)"')

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


# --- every page ----------------------------------------------------------------------------------


def test_every_page_opens_under_a_strict_policy(staff, alice, document, sounds, voice):
    addresses = [
        reverse("admin:index"),
        reverse("admin:reader_document_blocks", args=[document.pk]),
        *(
            reverse(f"admin:{name}_changelist")
            for name in ("reader_user", "reader_document", "tts_audiovariant", "tts_voice",
                         "tts_speechmodel")
        ),
        reverse("admin:reader_user_change", args=[alice.pk]),
        reverse("admin:reader_user_add"),
        reverse("admin:reader_document_change", args=[document.pk]),
        reverse("admin:reader_document_delete", args=[document.pk]),
        reverse("admin:tts_audiovariant_change", args=[sounds[0].pk]),
        reverse("admin:tts_audiovariant_delete", args=[sounds[0].pk]),
        reverse("admin:tts_voice_change", args=[voice.pk]),
        reverse("admin:tts_speechmodel_change", args=[voice.speech_model.pk]),
        reverse("admin:tts_speechmodel_add"),
    ]  # fmt: skip
    for address in addresses:
        response = staff.get(address)
        assert response.status_code == 200, address
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert not INLINE.search(response.content.decode()), address


def test_its_pages_have_the_icon_of_the_site(staff, as_alice):
    """Without one a browser asks for /favicon.ico, which is not there."""
    (icon,) = ICON.findall(as_alice.get("/").content.decode())
    for name in ("index", "tts_voice_changelist"):
        page = staff.get(reverse(f"admin:{name}")).content.decode()
        assert ICON.findall(page) == [icon]


def test_the_admin_is_for_staff(as_alice, document):
    for address in (
        reverse(VARIANTS),
        reverse("admin:reader_document_blocks", args=[document.pk]),
        reverse("admin:reader_document_blocks", args=[987654]),
    ):
        response = as_alice.get(address)
        assert (response.status_code, response.headers["Location"]) == (
            302,
            f"{reverse('admin:login')}?next={address}",
        )


# --- people --------------------------------------------------------------------------------------


def test_staff_see_and_change_how_a_person_listens(staff, alice, voice):
    address = reverse("admin:reader_user_change", args=[alice.pk])
    form = staff.get(address).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    data |= {"date_joined_0": "2026-01-01", "date_joined_1": "12:00:00"}
    data |= {"voice": voice.pk, "speed": "1.5", "auto_play": "on"}
    data.pop("password", None)
    assert staff.post(address, data).status_code == 302
    alice.refresh_from_db()
    assert (alice.voice, alice.speed, alice.auto_play) == (voice, 1.5, True)
    assert staff.post(address, data | {"speed": "7"}).status_code == 200
    alice.refresh_from_db()
    assert alice.speed == 1.5


def test_staff_add_a_person(staff):
    data = {
        "username": "carol",
        "usable_password": "true",
        "password1": "c-long-password",
        "password2": "c-long-password",
    }
    assert staff.post(reverse("admin:reader_user_add"), data).status_code == 302
    assert Client().login(username="carol", password="c-long-password")


def test_a_person_who_is_deleted_takes_documents_files_and_sounds_along(
    staff, alice, bob, document, sounds
):
    other = make_document(bob, "The first paragraph is about the sea.")
    address = reverse("admin:reader_user_delete", args=[alice.pk])
    assert "Documents: 1" in staff.get(address).content.decode()
    assert staff.post(address, {"post": "yes"}).status_code == 302
    assert not User.objects.get(pk=alice.pk).is_active
    delete_person(alice.pk)
    assert not User.objects.filter(pk=alice.pk).exists()
    assert list(AudioVariant.objects.all()) == [sounds[0]]
    assert stored_files() == sorted([sounds[0].file.name, other.source.name])
    act(staff, "admin:reader_user_changelist", "delete_selected", [bob], post="yes")
    delete_person(bob.pk)
    assert not Document.objects.exists()
    assert stored_files() == []


# --- documents -----------------------------------------------------------------------------------


def test_documents_are_looked_at_and_not_made_by_hand(staff, document):
    page = text_of(staff, "admin:reader_document_changelist", q="alice")
    assert document.title in page
    assert staff.get(reverse("admin:reader_document_add")).status_code == 403
    assert document.title in text_of(
        staff, "admin:reader_document_changelist", q=str(document.uuid)
    )


def test_a_document_that_is_deleted_takes_its_sounds_along(staff, document, sounds):
    address = reverse("admin:reader_document_delete", args=[document.pk])
    assert staff.post(address, {"post": "yes"}).status_code == 302
    purge()
    assert not Document.objects.exists()
    assert not AudioVariant.objects.exists()
    assert stored_files() == []


def test_many_documents_are_deleted_with_their_sounds(staff, alice, document, voice):
    other = make_document(alice, "Another text.")
    kept = make_document(alice, "The second paragraph is about the land.")
    for each in (document, other):
        make_sounds(each, voice)
    chosen = [document, other]
    page = act(staff, "admin:reader_document_changelist", "delete_selected", chosen)
    assert "The sounds of the texts that no other document has go too" in page.content.decode()
    assert Document.objects.count() == 3
    act(staff, "admin:reader_document_changelist", "delete_selected", chosen, post="yes")
    assert list(Document.objects.present()) == [kept]
    purge()
    assert list(Document.objects.all()) == [kept]
    (sound,) = AudioVariant.objects.all()
    assert sound.text == "The second paragraph is about the land."
    assert stored_files() == sorted([kept.source.name, sound.file.name])


def test_a_document_and_its_text_stay_when_staff_rename_it(staff, document):
    address = reverse("admin:reader_document_change", args=[document.pk])
    assert staff.post(address, {"title": "Another title"}).status_code == 302
    document.refresh_from_db()
    assert (document.title, document.block_count) == ("Another title", 4)
    assert TEXT.startswith(document.blocks.first().text)


def test_staff_see_programs_and_withdraw_them_and_no_secret(alice):
    _, key = make_token(user=alice, name="phone", scopes=["read"])
    hook = Webhook.objects.create(
        user=alice, url="https://user:word@told.example/secret", events=["import.done"]
    )
    staff = staff_with("view_token", "delete_token", "view_webhook")
    seen = text_of(staff, "admin:reader_token_changelist")
    assert "phone" in seen
    assert key not in seen
    seen = text_of(staff, "admin:reader_webhook_changelist")
    assert "told.example" in seen
    assert "secret" not in seen
    assert "word@" not in seen
    token = Token.objects.get()
    assert staff.get(reverse("admin:reader_token_change", args=[token.pk])).status_code == 200
    act(staff, "admin:reader_token_changelist", "delete_selected", [token], post="yes")
    assert token_of(key) is None
    assert Webhook.objects.get() == hook
