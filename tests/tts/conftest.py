"""Asking for sounds without documents: a listener, a voice, some texts."""

import pytest

from tts import synthesis
from tts.connections import redis_client
from tts.models import AudioVariant, SpeechModel, Voice, hash_text


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
