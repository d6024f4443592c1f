"""Voices, sounds, places, marks, words and use over the API."""

import pytest

from reader.models import Position
from tests.reader.conftest import make_sounds
from tts import synthesis
from tts.models import AudioVariant

from .conftest import Program, is_problem

pytestmark = pytest.mark.django_db


def want(program: Program, document, *blocks: int, **more):
    answer = program.post(f"/documents/{document.uuid}/wanted", {"blocks": list(blocks), **more})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_voices_are_listed(alices, voice, other_voice):
    items = alices.get("/voices").json()["items"]
    assert {"tone/tone-300", "tone/tone-500"} <= {each["voice"] for each in items}
    one = next(each for each in items if each["voice"] == "tone/tone-300")
    assert (one["model_slug"], one["voice_slug"]) == ("tone", "tone-300")
    assert alices.get("/voices", {"language": "xx"}).json()["items"] == []


def test_blocks_are_wanted_made_and_fetched(alices, bobs, document, voice):
    told = want(alices, document, 0, 1)
    assert told["voice"] == "tone/tone-300"
    assert [(each["block_idx"], each["status"]) for each in told["items"]] == [
        (0, "queued"),
        (1, "queued"),
    ]
    for _ in range(2):
        synthesis.take_turn(voice.speech_model)
    (first, _) = want(alices, document, 0, 1)["items"]
    assert first["status"] == "cached"
    sound = alices._client.get(first["audio_url"])
    assert len(sound.content) == first["bytes"]
    part = alices._client.get(first["audio_url"], headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, sound.content[:10])
    marks = alices._client.get(first["marks_url"]).json()["marks"]
    assert len(marks) == len(["The", "first", "paragraph", "is", "about", "the", "sea"])
    for address in (first["audio_url"], first["marks_url"]):
        is_problem(bobs._client.get(address), 404)


def test_blocks_in_another_voice_and_blocks_that_there_are_not(alices, document, other_voice):
    told = want(alices, document, 3, voice="tone/tone-500")
    assert told["voice"] == "tone/tone-500"
    assert AudioVariant.objects.get().voice == other_voice
    path = f"/documents/{document.uuid}/wanted"
    is_problem(alices.post(path, {"blocks": [4]}), 404, "4 blocks")
    is_problem(alices.post(path, {"blocks": [0], "voice": "tone/none"}), 404, "no such voice")
    is_problem(alices.post(path, {"blocks": list(range(65))}), 422)
    assert want(alices, document)["items"] == []


def test_the_place_is_kept_and_read(alices, alice, document):
    path = f"/documents/{document.uuid}/position"
    assert alices.get(path).json() == {"block_idx": 0, "offset_ms": 0}
    assert alices.put(path, {"block_idx": 2, "offset_ms": 70}).status_code == 200
    assert alices.get(path).json() == {"block_idx": 2, "offset_ms": 70}
    assert Position.objects.get().user == alice
    assert alices.put(path, {"block_idx": 99}).json() == {"block_idx": 3, "offset_ms": 0}
    is_problem(alices.put(path, {"block_idx": -1}), 422)


def test_a_passage_is_marked_noted_and_taken_away(alices, document):
    path = f"/documents/{document.uuid}/annotations"
    passage = {"kind": "highlight", "block_idx": 0, "start": 4, "end_block_idx": 0, "end": 9}
    made = alices.post(path, passage)
    assert (made.status_code, made.json()["quote"]) == (201, "first")
    assert alices.post(path, passage).status_code == 200
    one = made.json()["id"]
    assert alices.patch(f"{path}/{one}", {"note": "Look."}).json()["note"] == "Look."
    listed = alices.get(path).json()
    assert (listed["count"], listed["items"][0]["note"]) == (1, "Look.")
    is_problem(alices.post(path, {**passage, "end": 4000}), 409, "no such place")
    assert alices.delete(f"{path}/{one}").status_code == 204
    assert alices.get(path).json()["items"] == []


def test_words_are_said_as_they_are_told(alices, bobs):
    made = alices.post("/lexicon", {"word": "Lectern", "say": "Leck turn"})
    assert made.status_code == 201
    assert [each["word"] for each in alices.get("/lexicon").json()["items"]] == ["Lectern"]
    is_problem(alices.post("/lexicon", {"word": "Lectern", "say": "x"}), 409, "already")
    one = made.json()["id"]
    is_problem(bobs.delete(f"/lexicon/{one}"), 404)
    assert alices.delete(f"/lexicon/{one}").status_code == 204


def test_what_was_used_is_told(alices, document, voice):
    make_sounds(document, voice)  # by somebody else
    used = alices.get("/use").json()
    assert len(used["days"]) == 30
    assert used["models"] == []
    want(alices, document, 0, voice="tone/tone-500")
    synthesis.take_turn(voice.speech_model)
    (model,) = alices.get("/use").json()["models"]
    assert (model["name"], model["characters"]) == (
        "Tone",
        len("The first paragraph is about the sea."),
    )
