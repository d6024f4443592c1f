"""Asking for sounds without documents: a listener, a voice, some texts."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from tts import synthesis
from tts.connections import redis_client
from tts.models import AudioVariant, SpeechModel, Status, Voice, hash_text

TEXT = "A sentence to be spoken."


class Listener:
    """Wants texts in one voice, as a reading session does."""

    def __init__(self, voice: Voice, name: str = "ann") -> None:
        self.voice, self.name = voice, name

    def want(self, *texts: str, retry: bool = False) -> list[AudioVariant]:
        """Want these texts, most wanted first, and no others; return their variants in order."""
        by_hash = {hash_text(text, "en"): text for text in texts}
        wanted = synthesis.want(
            listener=self.name,
            voice=self.voice,
            recipe=synthesis.recipe_hash(self.voice),
            ranks={text_hash: rank for rank, text_hash in enumerate(by_hash)},
            texts=lambda hashes: {text_hash: (by_hash[text_hash], "en") for text_hash in hashes},
            retry=retry,
        )
        return [wanted.variants[text_hash] for text_hash in by_hash]


@pytest.fixture
def ann(voice) -> Listener:
    return Listener(voice, "ann")


@pytest.fixture
def bea(voice) -> Listener:
    return Listener(voice, "bea")


@pytest.fixture
def model(voice) -> SpeechModel:
    return voice.speech_model


def turns(queue: str = "tone") -> int:
    """Return how many turns wait in the real queue."""
    return redis_client().llen(queue)


def files() -> list[str]:
    """Return the names of all sounds that are stored."""
    root = Path(default_storage.location)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*.webm"))


@pytest.fixture
def begun(monkeypatch, tmp_path) -> Callable[[], list[str]]:
    """What the engine was asked to say, in order."""
    path = tmp_path / "tone.log"
    monkeypatch.setenv("TONE_LOG", str(path))

    def texts() -> list[str]:
        lines = path.read_text().splitlines() if path.exists() else []
        return [line["text"] for line in map(json.loads, lines) if line["what"] == "begun"]

    return texts


def configure(model: SpeechModel, **parameters) -> None:
    """Tell the tone engine how to behave."""
    model.parameters = parameters
    model.save()


def again(variant: AudioVariant) -> AudioVariant:
    """Return the variant as it is now."""
    return AudioVariant.objects.select_related("voice__speech_model").get(pk=variant.pk)


def in_own_thread(call: Callable) -> Callable:
    def call_then_close(*args):
        try:
            return call(*args)
        finally:
            connection.close()

    return call_then_close


def run_together(calls: list[Callable]) -> None:
    threads = [threading.Thread(target=in_own_thread(call)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


def end_pause(variant: AudioVariant) -> None:
    past = timezone.now() - timedelta(seconds=1)
    AudioVariant.objects.filter(pk=variant.pk, status=Status.QUEUED).update(not_before=past)


def claim_and_die(variant: AudioVariant) -> None:
    """Do what a worker does that is killed, and let the lease run out."""
    assert again(variant).claim()
    expire(variant)


def expire(variant: AudioVariant) -> None:
    past = timezone.now() - timedelta(seconds=1)
    AudioVariant.objects.filter(pk=variant.pk).update(lease_until=past)


# --- speech servers -------------------------------------------------------------------------------


@pytest.fixture
def cat(server_model) -> Listener:
    """Listens in a voice of the server."""
    return Listener(server_model.voices.get(voice_slug="300"), "cat")


def make_all(listener: Listener, *texts: str, turns: int = 100) -> list[AudioVariant]:
    """Want texts and take turns, as workers and the sweeper do but without any pause."""
    for _ in range(turns):
        variants = listener.want(*texts)
        if all(variant.status in (Status.CACHED, Status.ERROR) for variant in variants):
            return variants
        AudioVariant.objects.filter(not_before__isnull=False).update(not_before=None)
        synthesis.take_turn(listener.voice.speech_model)
    raise AssertionError(f"not all made or failed after {turns} turns")
