"""Sounds in the admin: found, heard, made again, deleted."""

import uuid

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reader.models import User
from tests.conftest import make_document
from tts import synthesis
from tts.demand import wants
from tts.models import AudioVariant, Status, Voice

from .conftest import make_sounds, sound_url, stored_files, want
from .staff import VARIANTS, act, fail, staff_sound_url, staff_with, state_of, text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def test_a_sound_is_shown_with_what_it_took(staff, sounds):
    page = text_of(staff, VARIANTS)
    assert all(variant.text in page for variant in sounds)
    assert f"{sounds[0].duration_ms / 1000:.2f} s" in page
    assert (
        f'<audio class="listen" controls preload="none" src="{staff_sound_url(sounds[0])}">' in page
    )
    fail(sounds[0], "The engine said no.")
    assert "The engine said no." in text_of(staff, VARIANTS)
    detail = text_of(staff, "admin:tts_audiovariant_change", sounds[1].pk)
    assert sounds[1].text_hash in detail
    assert 'type="text"' not in detail, "Nothing is edited by hand."


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 4), ({"status__exact": "cached"}, 3), ({"status__exact": "error"}, 1),
        ({"q": "sea"}, 2), ({"q": "no such words"}, 0), ({"language": "en"}, 4),
        ({"language": "de"}, 0), ({"voice": "x"}, 4),
    ],
)  # fmt: skip
def test_sounds_are_found(staff, document, sounds, other_voice, query, count):
    fail(want(document, other_voice)[0])
    AudioVariant.objects.filter(status=Status.QUEUED).delete()
    response = staff.get(reverse(VARIANTS), query)
    assert response.context["cl"].result_count == count


def test_sounds_are_found_by_model_voice_id_and_text_hash(staff, document, sounds, other_voice):
    other = want(document, other_voice)[0]

    def found(**query) -> int:
        return staff.get(reverse(VARIANTS), query).context["cl"].result_count

    assert found(voice=other_voice.pk) == 3
    assert found(voice__speech_model__id__exact=other_voice.speech_model_id) == 6
    assert found(q=str(other.pk)) == 1
    assert found(q=other.text_hash) == 2


def test_the_list_costs_the_same_for_many_sounds(staff, alice, document, sounds, voice):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(staff, VARIANTS)
        return len(captured)

    before = queries()
    make_sounds(
        make_document(alice, "\n\n".join(f"Sentence number {n}." for n in range(20))), voice
    )
    assert queries() == before


def test_staff_listen_with_range(staff, sounds):
    with default_storage.open(sounds[0].file.name) as file:
        stored = file.read()
    whole = staff.get(staff_sound_url(sounds[0]))
    assert (whole.status_code, whole.content) == (200, stored)
    part = staff.get(staff_sound_url(sounds[0]), headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, stored[10:20])
    assert staff.get(sound_url(sounds[0])).status_code == 404, "Their own pages show their own."


def test_listening_is_for_staff_with_the_right(client, as_alice, sounds):
    address = staff_sound_url(sounds[0])
    for stranger, sign_in in (
        (client, reverse("account_login")),
        (as_alice, reverse("admin:login")),
    ):
        for nothing in (address, reverse("admin:tts_audiovariant_sound", args=[uuid.uuid4(), 2])):
            response = stranger.get(nothing)
            assert (response.status_code, response.headers["Location"]) == (
                302,
                f"{sign_in}?next={nothing}",
            )
    assert staff_with("view_document", "delete_audiovariant").get(address).status_code == 403
    User.objects.filter(username="sam").delete()
    assert staff_with("view_audiovariant").get(address).status_code == 200


def test_an_old_or_missing_sound_is_404_and_queued_again(staff, sounds):
    old = reverse("admin:tts_audiovariant_sound", args=[sounds[0].pk, 1])
    assert staff.get(old).status_code == 404
    assert state_of(sounds[0]) == Status.CACHED
    default_storage.delete(sounds[0].file.name)
    assert staff.get(staff_sound_url(sounds[0])).status_code == 404
    assert state_of(sounds[0]) == Status.QUEUED


def test_no_sound_is_added_or_changed_by_hand(staff, sounds):
    assert staff.get(reverse("admin:tts_audiovariant_add")).status_code == 403
    address = reverse("admin:tts_audiovariant_change", args=[sounds[0].pk])
    assert staff.post(address, {"text": "Something else."}).status_code == 403


def test_sounds_are_made_again(staff, sounds, voice):
    files = stored_files()
    page = act(staff, VARIANTS, "make_again", sounds[:2])
    assert "2 are being made again." in page.content.decode()
    assert [state_of(variant) for variant in sounds] == ["queued", "queued", "cached"]
    assert sounds[0].file.name not in stored_files()
    for _ in range(2):
        assert synthesis.take_turn(voice.speech_model)
    assert [state_of(variant) for variant in sounds] == ["cached"] * 3
    assert len(stored_files()) == len(files)


def test_failed_ones_are_tried_again_and_only_those(staff, sounds, voice):
    fail(sounds[1])
    page = act(staff, VARIANTS, "try_again", sounds)
    assert "1 are being made again." in page.content.decode()
    assert [state_of(variant) for variant in sounds] == ["cached", "queued", "cached"]
    assert synthesis.take_turn(voice.speech_model).pk == sounds[1].pk
    page = act(staff, VARIANTS, "try_again", sounds)
    assert "Nothing in this selection is to be made again." in page.content.decode()


def test_what_staff_want_waits_behind_listeners(staff, document, sounds, voice):
    act(staff, VARIANTS, "make_again", sounds)
    want(document, voice, listener="somebody who listens")
    listeners = [candidate.listener for candidate in wants.upcoming(voice.speech_model_id)]
    assert listeners[:3] == ["somebody who listens"] * 3


def test_a_sound_that_is_being_made_is_left_alone(staff, document, voice):
    variant = want(document, voice)[0]
    assert variant.claim()
    revision = variant.revision
    act(staff, VARIANTS, "make_again", [variant])
    variant.refresh_from_db()
    assert (variant.status, variant.revision) == (Status.PROCESSING, revision)


def test_a_sound_by_an_earlier_recipe_makes_room_for_a_new_one(staff, sounds, voice):
    Voice.objects.filter(pk=voice.pk).update(parameters={"pitch": 5})
    act(staff, VARIANTS, "make_again", sounds[:1])
    assert not AudioVariant.objects.filter(pk=sounds[0].pk).exists()
    assert sounds[0].file.name not in stored_files()
    made = synthesis.take_turn(voice.speech_model)
    assert (made.text_hash, made.recipe_hash) == (
        sounds[0].text_hash,
        synthesis.recipe_hash(Voice.objects.get(pk=voice.pk)),
    )


def test_sounds_are_deleted_with_their_files(staff, document, sounds):
    act(staff, VARIANTS, "delete_selected", sounds[:2], post="yes")
    assert list(AudioVariant.objects.all()) == [sounds[2]]
    assert stored_files() == sorted([sounds[2].file.name, document.source.name])
    address = reverse("admin:tts_audiovariant_delete", args=[sounds[2].pk])
    assert staff.post(address, {"post": "yes"}).status_code == 302
    assert stored_files() == [document.source.name]


def test_each_action_is_a_right_of_its_own(sounds):
    sam = staff_with("view_audiovariant")
    page = text_of(sam, VARIANTS)
    assert "make_again" not in page
    assert "delete_selected" not in page
    act(sam, VARIANTS, "make_again", sounds)
    act(sam, VARIANTS, "delete_selected", sounds, post="yes")
    assert [state_of(variant) for variant in sounds] == ["cached"] * 3
