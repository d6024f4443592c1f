"""Speech as OpenAI has it: the official client, and Lectern itself, against real processes."""

import base64
import io
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import av
import openai
import pytest

from reader.models import SpokenText
from reader.services.tokens import make_token
from reader.tasks import clear_orphans
from tests.attacks.conftest import Web
from tests.tts.conftest import Listener
from tests.worker import running_worker
from tts import synthesis
from tts.models import AudioVariant, SpeechModel, Status, Usage
from tts.voices.catalogue import sync_voices

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

TEXT = "The keeper counts the ships. Then the rain comes, and nobody counts anything any more."
FORMATS = {"mp3": "mp3float", "opus": "opus", "aac": "aac", "flac": "flac", "wav": "pcm_s16le"}


@pytest.fixture
def running(voice, alice, tmp_path, settings):
    """The web process and a worker; yields the address, and alice's key."""
    _, key = make_token(user=alice, name="tests", scopes=["speech"])
    web = Web(DATA_DIR=str(tmp_path), SECRET_KEY=settings.SECRET_KEY)
    try:
        with running_worker(data_dir=tmp_path, tone_log=tmp_path / "tone.log", queues="tone,jobs"):
            yield f"http://127.0.0.1:{web.port}", key
    finally:
        web.stop()


def seconds_of(sound: bytes) -> tuple[float, str]:
    with av.open(io.BytesIO(sound)) as container:
        codec = container.streams.audio[0].codec_context.name
        return sum(f.samples / f.sample_rate for f in container.decode(audio=0)), codec


def send(address: str, key: str, content: object, path: str = "/v1/audio/speech"):
    request = urllib.request.Request(
        address + path,
        json.dumps(content).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
    )
    try:
        return urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        return error


def test_the_official_client_speaks_in_all_formats(running, alice):
    address, key = running
    client = openai.OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0, timeout=30)
    asked = {"model": "tone", "voice": "tone-300", "input": TEXT}
    pcm = client.audio.speech.create(**asked, response_format="pcm").content
    whole = len(pcm) / 48_000
    assert whole == pytest.approx(len(TEXT) * 0.02, abs=0.05)
    for name, codec in FORMATS.items():
        seconds, found = seconds_of(
            client.audio.speech.create(**asked, response_format=name).content
        )
        assert found == codec
        assert seconds == pytest.approx(whole, abs=0.15), name
    # At another speed: applied to the answer alone.
    fast = client.audio.speech.create(**asked, response_format="pcm", speed=2.0).content
    assert len(fast) / 48_000 == pytest.approx(whole / 2, abs=0.15)
    assert AudioVariant.objects.count() == 1
    assert Usage.objects.get().characters == len(TEXT)
    assert SpokenText.objects.get().user == alice
    # Streaming, a long text in several parts.
    long = " ".join(f"This is sentence number {n} of a longer text." for n in range(40))
    with client.audio.speech.with_streaming_response.create(
        **{**asked, "input": long}, response_format="pcm"
    ) as response:
        pieces = list(response.iter_bytes())
    assert len(pieces) > 5
    assert sum(map(len, pieces)) / 48_000 > 30
    assert [each.id for each in client.models.list()] == ["tone"]
    assert client.models.retrieve("tone").id == "tone"
    for wrong, error in (
        ({"model": "none"}, openai.NotFoundError),
        ({"voice": "none"}, openai.BadRequestError),
        ({"input": "…"}, openai.BadRequestError),
        ({"speed": 9}, openai.BadRequestError),
        ({"response_format": "midi"}, openai.BadRequestError),
    ):
        with pytest.raises(error):
            client.audio.speech.create(**{**asked, **wrong})
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0).models.list()
    _, reads = make_token(user=alice, name="reads", scopes=["read", "write"])
    with pytest.raises(openai.PermissionDeniedError):
        openai.OpenAI(base_url=f"{address}/v1", api_key=reads, max_retries=0).models.list()
    # As events.
    events = send(address, key, {**asked, "stream_format": "sse", "response_format": "pcm"}).read()
    told = [json.loads(each[6:]) for each in events.decode().split("\n\n") if each]
    assert [each["type"] for each in told][-1] == "speech.audio.done"
    assert b"".join(base64.b64decode(each["audio"]) for each in told[:-1]) == pcm
    # What fails is told before there is a sound.
    model = SpeechModel.objects.filter(model_slug="tone")
    model.update(parameters={"fail_on": "fails"})
    answer = send(address, key, {**asked, "input": "This one fails."})
    assert answer.status == 502
    assert answer.headers["Content-Type"].startswith("application/json")


def test_another_lectern_uses_it_with_the_times_of_words(running, alice, settings):
    address, key = running
    settings.FETCH_PRIVATE_ADDRESSES = True
    for tells_words in (False, True):
        other = SpeechModel(
            model_slug=f"other-{tells_words}".lower(), name="Another Lectern", engine="openai",
            base_url=f"{address}/v1", engine_model="tone", tells_words=tells_words,
        )  # fmt: skip
        other.api_key = key
        other.save()
        sync_voices(other)
        voices = {each.voice_slug: each for each in other.voices.all()}
        assert {"tone-300", "tone-500"} <= set(voices)
        listener = Listener(voices["tone-300"], f"{alice.pk}.x")
        listener.want(TEXT)
        variant = synthesis.take_turn(other)
        assert variant.status == Status.CACHED, variant.error
        assert variant.duration_ms > 1600
        if tells_words:
            units = TEXT.encode("utf-16-le")
            marked = [units[2 * a : 2 * b].decode("utf-16-le") for a, b, *_ in variant.marks]
            assert marked == [word.strip(".,") for word in TEXT.split()]
            starts = [mark[2] for mark in variant.marks]
            assert starts == sorted(starts)
            assert starts[-1] > 1000


def test_sounds_of_programs_are_kept_until_they_expire(running, alice, document, voice):
    address, key = running
    assert send(address, key, {"model": "tone", "voice": "tone-300", "input": TEXT}).read()
    AudioVariant.objects.update(created_at=time.strftime("%Y-01-01T00:00:00Z"))
    clear_orphans()
    assert AudioVariant.objects.count() == 1
    SpokenText.objects.update(kept_until=time.strftime("%Y-01-01T00:00:00Z"))
    clear_orphans()
    assert not AudioVariant.objects.exists()
    assert not SpokenText.objects.exists()


def test_the_examples_of_the_guide_run(running, alice, tmp_path):
    address, _ = running
    _, key = make_token(user=alice, name="guide", scopes=["read", "write", "speech"])
    guide = (Path(__file__).parents[2] / "docs/api.md").read_text()
    guide = guide.replace("hibari", "tone").replace("heart", "tone-300")
    examples = re.findall(r"^```(sh|python|js)\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    assert {kind for kind, _ in examples} == {"sh", "python", "js"}
    commands = {
        "sh": ["sh", "-eu", "-c"],
        "python": [sys.executable, "-c"],
        "js": ["node", "--input-type=module", "-e"],
    }
    environment = {"PATH": os.environ["PATH"], "LECTERN": address, "TOKEN": key}
    for kind, code in examples:
        done = subprocess.run(
            [*commands[kind], code], env=environment, cwd=tmp_path, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{code}\n{done.stdout}{done.stderr}"
