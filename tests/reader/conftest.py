"""Pages as a browser gets them, and their sounds."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from reader.models import Document, User
from reader.services.preferences import save_position
from tests.conftest import make_document
from tts import synthesis
from tts.models import AudioVariant, Status, Voice

from .page import Page

# What a strict policy would not run.
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son\w+=|javascript:", re.I
)


def want(document: Document, voice: Voice, *, listener: str = "a test") -> list[AudioVariant]:
    """Want every block of a document, as a reading session does; return the variants in order."""
    blocks = list(document.blocks.exclude(text=""))
    wanted = synthesis.want(
        listener=listener,
        voice=voice,
        recipe=synthesis.recipe_hash(voice),
        ranks={block.text_hash: block.idx for block in blocks},
        texts=lambda hashes: {
            block.text_hash: (block.text, block.language)
            for block in blocks
            if block.text_hash in hashes
        },
    )
    return [wanted.variants[block.text_hash] for block in blocks]


def make_sounds(document: Document, voice: Voice) -> list[AudioVariant]:
    """Make the sound of every block of a document; return the variants in order."""
    for _ in want(document, voice):
        synthesis.take_turn(voice.speech_model)
    return want(document, voice)


@pytest.fixture
def staff(db) -> Client:
    user = User.objects.create_superuser("root", password="r-long-password")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def sounds(document, voice) -> list[AudioVariant]:
    """Every block of alice's document has its sound."""
    variants = make_sounds(document, voice)
    assert [variant.status for variant in variants] == [Status.CACHED] * 3
    return variants


@pytest.fixture
def bobs_document(bob, voice) -> Document:
    """Bob has something of his own to see: other texts."""
    return make_document(bob, "Bob's first paragraph is about the weather.", "Bob's own")


@pytest.fixture
async def page(as_alice, document):
    page = Page(as_alice, document)
    await page.open()
    yield page
    await page.leave()


@pytest.fixture
async def second_page(as_alice, document):
    page = Page(as_alice, document)
    await page.open()
    yield page
    await page.leave()


@pytest.fixture
def check_rights_often(monkeypatch) -> None:
    monkeypatch.setattr("reader.consumers.session.LOOK_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr("reader.consumers.rights.CHECK_RIGHT_SECONDS", 0.1)


def sound_url(variant: AudioVariant) -> str:
    return f"/audio/{variant.pk}/{variant.sound_revision}/"


def marks_url(variant: AudioVariant) -> str:
    return f"{sound_url(variant)}marks/"


def stored_files() -> list[str]:
    """Return the names of all uploads and sounds there are."""
    root = Path(default_storage.location)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def titles(client, **chosen: str) -> list[str]:
    page = client.get("/", chosen).content.decode()
    return [unescape(title) for title in re.findall(r'dir="auto">([^<]*)</a></h2>', page)]


def page_of(client, path: str = "/", **chosen: str) -> str:
    return unescape(without_tokens(client.get(path, chosen).content.decode()))


def without_tokens(page: str) -> str:
    """Return a page without the tokens of its forms, in which any short word stands by chance."""
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "", page)


def place(document: Document, block_idx: int, offset_ms: int = 0) -> None:
    save_position(user=document.owner, document=document, block_idx=block_idx, offset_ms=offset_ms)
