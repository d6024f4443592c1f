"""The sound: whole, in parts, growing, gone; live and stored are the same bytes."""

import asyncio
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import AsyncClient

from tests.conftest import make_document
from tts import synthesis
from tts.delivery import responses as delivery
from tts.models import AudioVariant, SpeechModel, Status

from .conftest import make_sounds, marks_url, sound_url, stored_files, want
from .page import in_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

WITHIN_SECONDS = 10


@pytest.fixture
def listener(alice) -> AsyncClient:
    """Alice, as her browser fetches sounds."""
    client = AsyncClient()
    client.force_login(alice)
    return client


@pytest.fixture
def sound(sounds) -> AudioVariant:
    return sounds[0]


@pytest.fixture
def stored(sound) -> bytes:
    return read(sound)


def read(variant: AudioVariant) -> bytes:
    with default_storage.open(variant.file.name) as file:
        return file.read()


async def body(response) -> bytes:
    if not response.streaming:
        return response.content
    return b"".join([piece async for piece in response.streaming_content])


async def fetch(client: AsyncClient, variant: AudioVariant, **headers: str):
    """Return the status, the headers and the body."""
    response = await client.get(
        sound_url(variant), headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
    return response.status_code, response.headers, await body(response)


def etag(variant: AudioVariant) -> str:
    return f'"{variant.pk.hex}-{variant.sound_revision}"'


# --- whole ---------------------------------------------------------------------------------------


async def test_a_stored_sound_is_whole_and_may_be_kept_for_ever(listener, sound, stored):
    status, headers, content = await fetch(listener, sound)
    assert (status, content) == (200, stored)
    assert headers["Content-Type"] == "audio/webm"
    assert headers["Content-Length"] == str(len(stored))
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["ETag"] == etag(sound)
    assert headers["Cache-Control"] == "private, max-age=31536000, immutable"


async def test_mp3_is_called_mp3(listener, alice, voice, settings):
    settings.AUDIO_FORMAT = "mp3"

    @in_database
    def make() -> AudioVariant:
        return make_sounds(make_document(alice, "A sound in another format."), voice)[0]

    variant = await make()
    status, headers, content = await fetch(listener, variant)
    assert (status, headers["Content-Type"], len(content)) == (200, "audio/mpeg", variant.bytes)


async def test_a_head_tells_all_but_the_sound(listener, sound, stored):
    whole = await listener.get(sound_url(sound))
    head = await listener.head(sound_url(sound))
    assert (head.status_code, await body(head)) == (200, b"")
    assert head.headers == whole.headers


async def test_a_large_sound_comes_in_pieces(listener, sound, stored, monkeypatch):
    monkeypatch.setattr(delivery, "AT_ONCE_BYTES", 100)
    monkeypatch.setattr(delivery, "PIECE_BYTES", 1000)
    response = await listener.get(sound_url(sound))
    pieces = [piece async for piece in response.streaming_content]
    assert b"".join(pieces) == stored
    assert {len(piece) for piece in pieces[:-1]} == {1000}
    status, _, content = await fetch(listener, sound, Range="bytes=500-2999")
    assert (status, content) == (206, stored[500:3000])


async def test_what_is_posted_is_refused(listener, sound):
    assert (await listener.post(sound_url(sound))).status_code == 405


# --- parts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=0-0", 0, 0),
        ("bytes=100-299", 100, 299),
        ("bytes=300-", 300, -1),
        ("bytes=-100", -100, -1),
        ("bytes=0-", 0, -1),
        ("bytes=200-99999999", 200, -1),
        ("bytes=-99999999", 0, -1),
    ],
)
async def test_a_part(listener, sound, stored, wanted, first, last):
    size = len(stored)
    first, last = first % size, last % size
    status, headers, content = await fetch(listener, sound, Range=wanted)
    assert (status, content) == (206, stored[first : last + 1])
    assert headers["Content-Range"] == f"bytes {first}-{last}/{size}"
    assert headers["Content-Length"] == str(last - first + 1)
    assert headers["ETag"] == etag(sound)
    assert headers["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "wanted", ["bytes={size}-", "bytes={size}-{size}", "bytes=9999999-", "bytes=-0"]
)
async def test_a_part_that_is_not_there_is_416(listener, sound, stored, wanted):
    size = len(stored)
    status, headers, content = await fetch(listener, sound, Range=wanted.format(size=size))
    assert (status, content) == (416, b"")
    assert headers["Content-Range"] == f"bytes */{size}"


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=5-2", "bytes=a-b", "bytes=-", "bytes=", "bytes", "items=0-5", "bytes=0-5,10-20",
        "bytes=--5", "bytes=0-" + "9" * 400,
    ],
)  # fmt: skip
async def test_a_part_that_makes_no_sense_is_the_whole(listener, sound, stored, wanted):
    status, _, content = await fetch(listener, sound, Range=wanted)
    assert (status, content) == (200, stored)


async def test_a_part_if_it_is_still_the_same_sound(listener, sound, stored):
    status, _, content = await fetch(listener, sound, Range="bytes=0-9", If_Range=etag(sound))
    assert (status, content) == (206, stored[:10])


@pytest.mark.parametrize(
    "condition", ['"another"', "W/{etag}", "Wed, 21 Oct 2015 07:28:00 GMT", ""]
)
async def test_a_part_of_another_sound_is_the_whole(listener, sound, stored, condition):
    """A weak tag proves nothing about bytes; no date is given, so none holds."""
    status, _, content = await fetch(
        listener, sound, Range="bytes=0-9", If_Range=condition.format(etag=etag(sound))
    )
    assert (status, content) == (200, stored)


@pytest.mark.parametrize("tags", ["{etag}", "W/{etag}", '"another", {etag}', "*"])
async def test_what_the_browser_has_is_not_sent_again(listener, sound, tags):
    status, headers, content = await fetch(
        listener, sound, If_None_Match=tags.format(etag=etag(sound))
    )
    assert (status, content) == (304, b"")
    assert headers["ETag"] == etag(sound)
    assert headers["Cache-Control"] == "private, max-age=31536000, immutable"


async def test_what_the_browser_has_of_another_sound_does_not_count(listener, sound, stored):
    status, _, content = await fetch(listener, sound, If_None_Match='"another"')
    assert (status, content) == (200, stored)


# --- marks ---------------------------------------------------------------------------------------


async def test_the_marks_tell_when_each_word_is_heard(listener, sound):
    response = await listener.get(marks_url(sound))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    marks = response.json()["marks"]
    text = "The first paragraph is about the sea."
    assert [text[start:end] for start, end, _, _ in marks] == text.rstrip(".").split()
    assert all(0 <= begin <= end <= sound.duration_ms for _, _, begin, end in marks)


async def test_a_sound_without_marks_has_none(listener, sound):
    await AudioVariant.objects.filter(pk=sound.pk).aupdate(marks=None)
    assert (await listener.get(marks_url(sound))).status_code == 404
    assert (await listener.get(sound_url(sound))).status_code == 200


# --- while it grows ------------------------------------------------------------------------------


@in_database
def claim_first(document, voice, **parameters) -> AudioVariant:
    """Let a worker begin with the first block; the engine takes its time."""
    SpeechModel.objects.filter(pk=voice.speech_model_id).update(parameters=parameters)
    voice.speech_model.refresh_from_db()
    variant = AudioVariant.objects.select_related("voice__speech_model").get(
        pk=want(document, voice)[0].pk
    )
    assert variant.claim()
    return variant


async def test_what_is_heard_live_is_what_is_stored(listener, document, voice):
    variant = await claim_first(document, voice, pace=4, ms_per_character=100)
    making = asyncio.ensure_future(asyncio.to_thread(synthesis.make, variant))
    response = await listener.get(sound_url(variant))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "audio/webm")
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert "Content-Length" not in response.headers
    heard, early = b"", False
    async with asyncio.timeout(WITHIN_SECONDS):
        async for piece in response.streaming_content:
            heard += piece
            early = early or not making.done()
        await making
    assert early, "Nothing came before all was made."
    status, headers, content = await fetch(listener, variant)
    assert (status, content) == (200, heard)
    assert headers["ETag"] == etag(variant)
    now = await AudioVariant.objects.aget(pk=variant.pk)
    assert (now.status, now.bytes) == (Status.CACHED, len(heard))


async def test_a_late_listener_hears_it_from_the_beginning(listener, document, voice):
    variant = await claim_first(document, voice, pace=4, ms_per_character=100)
    making = asyncio.ensure_future(asyncio.to_thread(synthesis.make, variant))
    await asyncio.sleep(0.4)
    assert not making.done()
    _, _, heard = await fetch(listener, variant)
    await making
    assert heard == (await fetch(listener, variant))[2]


async def test_a_head_of_a_growing_sound_does_not_wait_for_it(listener, document, voice):
    variant = await claim_first(document, voice)
    async with asyncio.timeout(1):
        response = await listener.head(sound_url(variant))
    assert (response.status_code, await body(response)) == (200, b"")
    assert response.headers["Cache-Control"] == "no-store"


async def test_a_growing_sound_that_fails_ends(listener, document, voice):
    """Its end proves nothing, and no half sound is stored."""
    variant = await claim_first(document, voice, fail_on="first")
    making = asyncio.to_thread(synthesis.make, variant)
    response = await listener.get(sound_url(variant))
    await making
    async with asyncio.timeout(WITHIN_SECONDS):
        assert await body(response) == b""
    assert (await fetch(listener, variant))[0] == 404
    assert not [name for name in stored_files() if name.startswith("audio/")]


async def test_a_silent_worker_does_not_hold_a_listener_for_ever(
    listener, document, voice, monkeypatch
):
    monkeypatch.setattr("tts.delivery.live.IDLE_SECONDS", 0.5)
    monkeypatch.setattr("tts.delivery.live.POLL_MS", 100)
    variant = await claim_first(document, voice)
    async with asyncio.timeout(WITHIN_SECONDS):
        assert (await fetch(listener, variant))[2] == b""


# --- revisions -----------------------------------------------------------------------------------


def test_an_address_names_one_attempts_sound(as_alice, document, sound, stored, voice):
    """No two attempts have the same bytes: WebM numbers its tracks at random."""
    old_sound, old_marks = sound_url(sound), marks_url(sound)
    assert synthesis.make_again([sound]) == 1
    assert as_alice.get(old_sound).status_code == as_alice.get(old_marks).status_code == 404
    made = make_sounds(document, voice)[0]
    assert made.sound_revision > 2
    assert as_alice.get(old_sound).status_code == as_alice.get(old_marks).status_code == 404
    response = as_alice.get(sound_url(made))
    assert (response.status_code, response.headers["ETag"]) == (200, etag(made))
    assert response.content == read(made) != stored


async def test_a_revision_that_never_was_is_404(listener, sound):
    for revision in (0, 1, sound.sound_revision + 1, 2**31, 2**63, 10**30):
        assert (await listener.get(f"/audio/{sound.pk}/{revision}/")).status_code == 404


# --- its file is gone ----------------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["delete", "cut", "empty", "lengthen"])
def test_a_sound_whose_file_is_gone_is_made_again(as_alice, document, sound, voice, stored, harm):
    name = sound.file.name
    if harm == "delete":
        default_storage.delete(name)
    else:
        changed = {"cut": stored[:-1], "empty": b"", "lengthen": stored + b"x"}[harm]
        Path(default_storage.path(name)).write_bytes(changed)
    assert as_alice.get(sound_url(sound)).status_code == 404
    gone = AudioVariant.objects.get(pk=sound.pk)
    assert (gone.status, gone.attempt, gone.error, gone.file.name) == (Status.QUEUED, 0, "", "")
    assert not default_storage.exists(name), "What is left of a broken sound is of no use."
    made = make_sounds(document, voice)[0]
    assert (made.pk, made.status) == (sound.pk, Status.CACHED)
    assert as_alice.get(sound_url(made)).content == read(made)


def test_two_who_find_it_gone_put_it_back_once(as_alice, sound):
    default_storage.delete(sound.file.name)
    assert as_alice.get(sound_url(sound)).status_code == 404
    revision = AudioVariant.objects.get(pk=sound.pk).revision
    synthesis.sound_is_gone(sound)  # as it was when it was read
    assert as_alice.get(sound_url(sound)).status_code == 404
    assert AudioVariant.objects.get(pk=sound.pk).revision == revision
