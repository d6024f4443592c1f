"""Whatever a speech server does, a person is told what happened, and nothing half done stays.

Each fault of the fake server is a row: what is answered, what is told, whether it is tried again
by itself, and how often the server is asked at the most, for one text and for ten.
"""

import json
from dataclasses import dataclass

import pytest
from django.db import connection

from tests.conftest import KEY
from tests.speech_server import Answer
from tts.connections import redis_client
from tts.delivery import live
from tts.demand import breaker
from tts.models import AudioVariant, Status

from .conftest import files, make_all

pytestmark = pytest.mark.django_db(transaction=True)

ATTEMPTS, PROBES = 2, 3
TEXT = "A sentence to be spoken, neither long nor short."
TEN = [f"Sentence number {n} of the ten that are wanted." for n in range(10)]


@pytest.fixture(autouse=True)
def _few_and_quick(settings, monkeypatch) -> None:
    settings.SPEECH_MAX_ATTEMPTS = ATTEMPTS
    settings.SPEECH_MAX_PROBES = PROBES
    monkeypatch.setattr(breaker, "FIRST_PAUSE_SECONDS", 0.0001)
    monkeypatch.setattr(breaker, "LONGEST_PAUSE_SECONDS", 0.0001)


def error_body(message: str, code: str | None = None, kind: str = "invalid_request_error") -> str:
    return json.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})


@dataclass(frozen=True)
class Fault:
    name: str
    answer: Answer
    told: str
    asked_once: int  # requests for one text
    asked_ten: int  # requests for ten more, after that one
    retryable: bool
    response_format: str = ""


LASTING = {"asked_once": 1, "asked_ten": 0, "retryable": False}  # the model as a whole is at fault
OUTAGE = {"asked_once": PROBES, "asked_ten": PROBES * 10, "retryable": True}
PASSING = {"asked_once": ATTEMPTS, "asked_ten": ATTEMPTS * 10, "retryable": True}

FAULTS = [
    Fault("401", Answer(401, body=error_body(f"Incorrect API key provided: {KEY}.")),
          "The speech server refuses the key.", **LASTING),
    Fault("403", Answer(403, body='{"detail":"Forbidden"}'),
          "The speech server refuses the key.", **LASTING),
    Fault("402", Answer(402, body='{"detail":"Payment required"}'),
          "The account at the speech server has no credit left.", **LASTING),
    Fault("404, another path", Answer(404, body='{"detail":"Not Found"}'),
          "The speech server does not know this way of asking.", **LASTING),
    Fault("404, a web page", Answer(404, body="<html>Not here</html>", content_type="text/html"),
          "The speech server does not know this way of asking.", **LASTING),
    Fault("404, no such model",
          Answer(404, body=error_body("The model `tones` does not exist", "model_not_found")),
          "The speech server does not have the model 'tones'.", **LASTING),
    Fault("400, no such voice", Answer(400, body=error_body("Voice 300 not found.")),
          "The speech server does not have this voice.", **LASTING),
    Fault("400, no such format", Answer(400, body=error_body("Unsupported format: mp3")),
          "The speech server does not speak in the format 'mp3'.", **LASTING,
          response_format="mp3"),
    Fault("400, this text", Answer(400, body=error_body("Input should be shorter.")),
          "The speech server refuses this text.",
          asked_once=1, asked_ten=10, retryable=False),
    Fault("307", Answer(307, headers={"Location": "https://example.org/"}, body=""),
          "The speech server has moved.", **LASTING),
    Fault("429 with Retry-After", Answer(429, headers={"Retry-After": "0.0001"}, body="{}"),
          "The speech server is asked for more than it gives.", **OUTAGE),
    Fault("429 without", Answer(429, body="Too many requests", content_type="text/plain"),
          "The speech server is asked for more than it gives.", **OUTAGE),
    Fault("429, no credit",
          Answer(429, body=error_body("You exceeded your current quota.", "insufficient_quota",
                                      "insufficient_quota")),
          "The account at the speech server has no credit left.", **LASTING),
    Fault("500", Answer(500, body='{"detail":"CUDA error"}'),
          "The speech server failed on this text.", **PASSING),
    Fault("502", Answer(502, body="<html>Bad gateway</html>", content_type="text/html"),
          "The speech server is out of order.", **OUTAGE),
    Fault("503", Answer(503, body='{"detail":"loading"}'),
          "The speech server is out of order.", **OUTAGE),
    Fault("hangs before", Answer(hangs_at=0),
          "The speech server takes too long to answer.",
          asked_once=PROBES, asked_ten=0, retryable=True),
    Fault("hangs in the middle", Answer(hangs_at=0.5),
          "The speech server fell silent in the middle of the sound.",
          asked_once=ATTEMPTS, asked_ten=0, retryable=True),
    Fault("ends without an answer", Answer(breaks_at=0),
          "The connection to the speech server failed.", **OUTAGE),
    Fault("breaks off", Answer(breaks_at=0.5),
          "The speech server broke off in the middle of the sound.", **PASSING),
    Fault("breaks off before what it announced", Answer(breaks_at=0.5, says_length=True),
          "The speech server broke off in the middle of the sound.", **PASSING),
    Fault("a WAV of no known size breaks off",
          Answer(encoding="wav", announces=2_000_000_000, breaks_at=0.5),
          "The speech server broke off in the middle of the sound.", **PASSING),
    Fault("a WAV that announces less breaks off before the length of the answer",
          Answer(encoding="wav", announces=100, breaks_at=0.5, says_length=True),
          "The speech server broke off in the middle of the sound.", **PASSING),
    Fault("a web page", Answer(body="<html>Welcome</html>", content_type="text/html"),
          "The speech server answered with a web page instead of sound.", **LASTING),
    Fault("JSON", Answer(body='{"status":"busy"}'),
          "The speech server answered with words instead of sound.", **PASSING),
    Fault("JSON that says it is sound", Answer(body='{"a":1}', content_type="audio/ogg"),
          "The speech server sent something that is not sound.", **PASSING),
    Fault("a web page that says it is sound",
          Answer(body="<!doctype html><p>Hello", content_type="audio/mpeg"),
          "The speech server sent something that is not sound.", **PASSING),
    Fault("nothing", Answer(body="", content_type="audio/ogg"),
          "The speech server sent no sound at all.", **PASSING),
    Fault("far too long", Answer(stretch=9),
          "The sound is far too long for its text.", **PASSING),
    Fault("far too short", Answer(stretch=0.1),
          "The sound is far too short for its text.", **PASSING),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_told_bounded_and_leaves_nothing(fault, server, server_model, cat, caplog):
    server.usual = fault.answer
    server_model.response_format = fault.response_format
    server_model.save()
    (variant,) = make_all(cat, TEXT)
    assert (variant.status, variant.error) == (Status.ERROR, fault.told)
    assert variant.retryable == fault.retryable
    assert len(server.spoken) == fault.asked_once
    if fault.asked_ten or not fault.retryable:
        variants = make_all(cat, *TEN)
        assert {each.error for each in variants} == {fault.told}
        assert len(server.spoken) == fault.asked_once + fault.asked_ten
    assert files() == []
    streams = redis_client().keys("*:live:*")
    assert all(redis_client().ttl(name) <= live.ENDED_EXPIRES_SECONDS for name in streams)
    assert {request.key for request in server.spoken} == {KEY}
    assert KEY not in caplog.text
    assert KEY not in everything_in_redis()
    assert KEY not in everything_in_the_database()

    # Mended: whoever asks again hears it.
    server.usual = Answer()
    cat.want(TEXT, retry=True)
    breaker.reset(server_model)  # as "Test connection" and an edit do
    (variant,) = make_all(cat, TEXT)
    assert (variant.status, variant.error) == (Status.CACHED, "")
    assert len(files()) == 1


def everything_in_redis() -> str:
    client = redis_client()
    return repr([(key, client.dump(key)) for key in client.keys("*")])


def everything_in_the_database() -> str:
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found.append((table, cursor.fetchall()))
    return repr(found)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(encoding="opus"), Answer(encoding="webm"), Answer(encoding="mp3"),
        Answer(encoding="wav"), Answer(encoding="flac"), Answer(encoding="aac"),
        Answer(encoding="wav", rate=16_000), Answer(encoding="mp3", rate=44_100),
        Answer(encoding="wav", content_type="application/octet-stream"),
        Answer(encoding="mp3", says_length=True), Answer(pace=40),
        Answer(encoding="wav", announces=2_000_000_000), Answer(encoding="wav", announces=0),
        Answer(encoding="wav", announces=0xFFFFFFFF, says_length=True),
        Answer(encoding="wav", announces=1_000_000, says_length=True),
    ],
    ids=str,
)  # fmt: skip
def test_sound_in_another_format_or_rate_is_taken_as_it_is(answer, server, cat):
    server.usual = answer
    (variant,) = make_all(cat, TEXT)
    assert (variant.status, variant.error) == (Status.CACHED, "")
    assert variant.duration_ms == pytest.approx(len(TEXT) * 70, abs=60)
    assert len(server.spoken) == 1


def test_a_server_that_refuses_the_format_is_asked_for_another_one(server, cat):
    refusal = {"loc": ["body", "response_format"], "msg": "Input should be 'mp3' or 'flac'"}
    server.next.append(Answer(422, body=json.dumps({"detail": [refusal]})))
    variants = make_all(cat, TEXT, *TEN)
    assert {variant.status for variant in variants} == {Status.CACHED}
    asked = [request.body["response_format"] for request in server.spoken]
    assert asked == ["wav", *["mp3"] * 11]  # and it is not asked twice


def test_who_asks_again_need_not_wait_for_whoever_runs_it(server, server_model, cat):
    server.usual = Answer(401, body=error_body("No such key."))
    (variant,) = make_all(cat, TEXT)
    server.usual = Answer()
    cat.want(TEXT, retry=True)
    (variant,) = make_all(cat, TEXT)
    assert variant.status == Status.CACHED
    assert AudioVariant.objects.count() == 1
