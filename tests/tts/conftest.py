"""Asking for sounds without documents: a listener, a voice, some texts."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from tts import synthesis
from tts.connections import redis_client
from tts.models import AudioVariant, SpeechModel, Status, Voice, hash_text


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
