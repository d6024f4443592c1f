"""What staff see, hear and do."""

import re
import uuid

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reader.models import Document, User
from tests.conftest import TEXT, make_document
from tts import synthesis, wants
from tts.models import AudioVariant, SpeechModel, Status, Voice

from .conftest import INLINE, make_sounds, sound_url, stored_files, want

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

VARIANTS = "admin:tts_audiovariant_changelist"


def staff_with(*codenames: str) -> Client:
    """Return somebody of the staff with these rights and no others."""
    user = User.objects.create_user("sam", password="s-long-password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def text_of(client: Client, name: str, *arguments, **query) -> str:
    response = client.get(reverse(name, args=arguments), query)
    assert response.status_code == 200
    return response.content.decode()


def act(client: Client, name: str, action: str, chosen, **data):
    """Carry out an action on some rows of a list and return the page after it."""
    data |= {"action": action, "_selected_action": [row.pk for row in chosen]}
    return client.post(reverse(name), data, follow=True)


def staff_sound_url(variant: AudioVariant) -> str:
    return reverse("admin:tts_audiovariant_sound", args=[variant.pk, variant.sound_revision])


def fail(variant: AudioVariant, error: str = "It was told to fail.") -> None:
    variant = AudioVariant.objects.get(pk=variant.pk)
    assert variant.move(Status.ERROR, error=error, file="", bytes=0)


def state_of(variant: AudioVariant) -> str:
    return AudioVariant.objects.get(pk=variant.pk).status


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
    assert not User.objects.filter(pk=alice.pk).exists()
    assert list(AudioVariant.objects.all()) == [sounds[0]]
    assert stored_files() == sorted([sounds[0].file.name, other.source.name])
    act(staff, "admin:reader_user_changelist", "delete_selected", [bob], post="yes")
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
    assert list(Document.objects.all()) == [kept]
    (sound,) = AudioVariant.objects.all()
    assert sound.text == "The second paragraph is about the land."
    assert stored_files() == sorted([kept.source.name, sound.file.name])


# --- blocks and their sounds ---------------------------------------------------------------------


def table(page: str) -> list[list[str]]:
    """Return the words of each row of the table of blocks."""
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.S)[1]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in rows]
    return [[" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_each_blocks_sound_is_shown_in_each_voice(staff, document, sounds, other_voice):
    first, second, _ = want(document, other_voice)
    assert first.claim()
    fail(second)
    page = text_of(staff, "admin:reader_document_blocks", document.pk)
    assert table(page) == [
        ["0", "Paragraph", "The first paragraph is about the sea.", "made", "processing"],
        ["1", "Paragraph", "The second paragraph is about the land.", "made",
         "failed It was told to fail."],
        ["2", "Paragraph", "(nothing to say)", "skipped", "skipped"],
        ["3", "Paragraph", "The third paragraph is about the sky.", "made", "queued"],
    ]  # fmt: skip
    assert "3 made" in page
    assert "1 queued, 1 processing, 1 failed" in page
    assert [staff_sound_url(variant) in page for variant in (*sounds, first)] == [True] * 4


def test_a_voice_is_chosen(staff, document, sounds, other_voice):
    page = text_of(staff, "admin:reader_document_blocks", document.pk, voice=other_voice.pk)
    assert [row[3] for row in table(page)] == ["none", "none", "skipped", "none"]
    both = text_of(
        staff,
        "admin:reader_document_blocks",
        document.pk,
        voice=[sounds[0].voice_id, other_voice.pk],
    )
    assert [row[3:] for row in table(both)] == [
        ["made", "none"], ["made", "none"], ["skipped", "skipped"], ["made", "none"],
    ]  # fmt: skip


def test_the_failed_ones_are_found_among_many(staff, document, sounds):
    fail(sounds[1])
    page = text_of(staff, "admin:reader_document_blocks", document.pk, state="error")
    assert [row[0] for row in table(page)] == ["1"]
    page = text_of(staff, "admin:reader_document_blocks", document.pk, state="cached")
    assert [row[0] for row in table(page)] == ["0", "3"]


def test_a_document_that_nobody_has_heard_shows_its_blocks(staff, document):
    page = text_of(staff, "admin:reader_document_blocks", document.pk)
    assert [row[0] for row in table(page)] == ["0", "1", "2", "3"]
    assert "No voice has spoken any of these texts yet" in page
    for query in ({"voice": "x"}, {"voice": 987654}, {"state": "x"}, {"page": "x"}, {"page": 99}):
        assert table(text_of(staff, "admin:reader_document_blocks", document.pk, **query))


def test_sounds_by_an_earlier_recipe_do_not_count(staff, document, sounds):
    Voice.objects.filter(pk=sounds[0].voice_id).update(parameters={"pitch": 5})
    page = text_of(staff, "admin:reader_document_blocks", document.pk)
    assert [row[3] for row in table(page)] == ["none", "none", "skipped", "none"]


def test_twelve_thousand_blocks_are_looked_at_in_pages(
    staff, alice, voice, django_assert_max_num_queries
):
    document = make_document(alice, "\n\n".join(f"Sentence number {n}." for n in range(12_000)))
    variants = want(document, voice)
    AudioVariant.objects.filter(pk__in=[v.pk for v in variants[:7_000]]).update(
        status=Status.CACHED, file="audio/no", bytes=1, duration_ms=1
    )
    with django_assert_max_num_queries(16):
        page = text_of(staff, "admin:reader_document_blocks", document.pk, page=70)
    rows = table(page)
    assert [row[0] for row in (rows[0], rows[-1])] == ["6900", "6999"]
    assert {row[3] for row in rows} == {"made"}
    assert "7000 made, 5000 queued" in page
    assert f"voice={voice.pk}&amp;state=&amp;page=71" in page
    queued = text_of(staff, "admin:reader_document_blocks", document.pk, state="queued")
    assert table(queued)[0][0] == "7000"
    delete = reverse("admin:reader_document_delete", args=[document.pk])
    assert len(staff.get(delete).content) < 20_000


def test_blocks_are_for_those_who_may_view_documents(document, sounds):
    address = reverse("admin:reader_document_blocks", args=[document.pk])
    sam = staff_with("view_voice")
    assert sam.get(address).status_code == 403
    User.objects.all().filter(username="sam").delete()
    page = staff_with("view_document").get(address).content.decode()
    assert [row[3] for row in table(page)] == ["made", "made", "skipped", "made"]
    assert "<audio" not in page, "Listening is a right of its own."


# --- sounds --------------------------------------------------------------------------------------


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
    for stranger, sign_in in ((client, reverse("login")), (as_alice, reverse("admin:login"))):
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


# --- speech models and voices --------------------------------------------------------------------


def test_voices_and_models_are_switched_off_and_on(staff, tone_model):
    voices = list(Voice.objects.all()[:2])
    act(staff, "admin:tts_voice_changelist", "disable", voices)
    assert Voice.objects.usable().count() == 3
    act(staff, "admin:tts_voice_changelist", "enable", voices)
    assert Voice.objects.usable().count() == 5
    act(staff, "admin:tts_speechmodel_changelist", "disable", [tone_model])
    assert Voice.objects.usable().count() == 0
    act(staff, "admin:tts_speechmodel_changelist", "enable", [tone_model])
    assert Voice.objects.usable().count() == 5


@pytest.mark.parametrize("name", ["voice", "speechmodel"])
def test_what_has_sounds_is_not_deleted_and_the_page_says_why(staff, sounds, voice, name):
    chosen = voice if name == "voice" else voice.speech_model
    address = reverse(f"admin:tts_{name}_delete", args=[chosen.pk])
    assert "3 sounds. Switch it off instead" in staff.get(address).content.decode()
    assert staff.post(address, {"post": "yes"}).status_code == 200
    page = act(staff, f"admin:tts_{name}_changelist", "delete_selected", [chosen], post="yes")
    assert "3 sounds. Switch it off instead" in page.content.decode()
    assert Voice.objects.filter(pk=voice.pk).exists()
    synthesis.delete(sounds)
    assert staff.post(address, {"post": "yes"}).status_code == 302
    assert not Voice.objects.filter(pk=voice.pk).exists()


def test_a_model_is_asked_for_its_voices(staff, tone_model):
    Voice.objects.filter(voice_slug="tone-300").delete()
    page = act(staff, "admin:tts_speechmodel_changelist", "sync", [tone_model])
    assert "Tone: 5 voices, 1 of them new, 0 no longer there." in page.content.decode()
    assert Voice.objects.usable().count() == 5
    SpeechModel.objects.update(engine="vanished")
    page = act(staff, "admin:tts_speechmodel_changelist", "sync", [tone_model])
    assert "no engine &#x27;vanished&#x27;" in page.content.decode()


def test_a_model_has_one_of_the_engines_there_are(staff, tone_model):
    address = reverse("admin:tts_speechmodel_change", args=[tone_model.pk])
    page = staff.get(address).content.decode()
    choices = page.partition('name="engine"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(\w+)"', choices) == ["espeak", "openai", "tone"]


def test_failures_are_forgotten_when_the_model_is_edited(staff, tone_model, sounds):
    fail(sounds[0], "Wrong address.")
    address = reverse("admin:tts_speechmodel_change", args=[tone_model.pk])
    data = {
        "model_slug": "tone", "name": "Tone", "engine": "tone", "engine_model": "", "base_url": "",
        "parameters": "{}", "concurrency": "1", "requests_per_minute": "0", "timeout_seconds": "60",
        "max_characters": "4000", "price_per_million": "0", "response_format": "",
        "voice_list": "", "enabled": "on",
    }  # fmt: skip
    assert staff.post(address, data).status_code == 302
    variant = AudioVariant.objects.get(pk=sounds[0].pk)
    assert (variant.status, variant.error, variant.attempt) == (Status.QUEUED, "", 0)
    assert [state_of(variant) for variant in sounds[1:]] == ["cached", "cached"]


def test_a_document_and_its_text_stay_when_staff_rename_it(staff, document):
    address = reverse("admin:reader_document_change", args=[document.pk])
    assert staff.post(address, {"title": "Another title"}).status_code == 302
    document.refresh_from_db()
    assert (document.title, document.block_count) == ("Another title", 4)
    assert TEXT.startswith(document.blocks.first().text)
