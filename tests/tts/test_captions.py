"""Word times from a server that tells them."""

from __future__ import annotations

import json

import pytest

from tests.speech_server import CAPTION_MS, Answer
from tests.tts.conftest import make_all
from tts.marks import words
from tts.models import MarksSource, Status

TEXT = "In 1999, the well-known house wasn't sold, and nobody lived there."


@pytest.fixture
def captions(server, server_model, cat):
    server.tells_words = True
    server_model.tells_words = True
    server_model.save()
    cat.voice.refresh_from_db()
    return server


@pytest.mark.parametrize("begin_anew", [False, True])
def test_the_words_have_the_servers_times(captions, cat, begin_anew):
    captions.usual = Answer(times_begin_anew=begin_anew)
    (variant,) = make_all(cat, TEXT)
    assert (variant.status, variant.marks_source) == (Status.CACHED, MarksSource.ENGINE)
    assert [tuple(mark[:2]) for mark in variant.marks] == words(TEXT)
    assert [mark[2] for mark in variant.marks] == [n * CAPTION_MS for n in range(len(words(TEXT)))]
    assert variant.duration_ms == CAPTION_MS * len(TEXT.split())
    (request,) = captions.requests
    assert request.path == "/dev/captioned_speech"
    assert (request.voice, request.text) == ("300", TEXT)
    assert request.key != ""


def test_a_server_that_does_not_tell_them_after_all_says_so(captions, cat, caplog):
    captions.tells_words = False
    (variant,) = make_all(cat, TEXT)
    assert variant.status == Status.ERROR
    assert "tells word times" in caplog.text


@pytest.mark.parametrize(
    "line",
    ["[]", "{}", '{"audio": "***"}', '{"audio": "", "timestamps": [{"word": "In"}]}', "no", '"x"'],
)
def test_an_answer_that_is_none_is_told(captions, cat, settings, line):
    settings.SPEECH_MAX_ATTEMPTS = 1
    captions.usual = Answer(200, body=line)
    (variant,) = make_all(cat, TEXT)
    assert variant.status == Status.ERROR
    assert variant.error == "The speech server's answer was not understood."


def test_its_refusals_are_understood(captions, cat):
    captions.usual = Answer(401, body=json.dumps({"detail": "No such key."}))
    (variant,) = make_all(cat, TEXT)
    assert variant.error == "The speech server refuses the key."
