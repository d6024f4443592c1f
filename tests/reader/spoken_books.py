"""Books for the writers of files: of real sources, with sounds that are soon made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reader.exporting.writers.book import Book, Entry, Passage, Picture, Sound
from reader.extraction import Extracted
from reader.spoken import chosen, speak
from tests.tone import SAMPLE_RATE, tone
from tts.audio import FORMATS, Encoder

LEAD_MS, WORDS_MS, TRAIL_MS = 20, 360, 20
SOUND_MS = LEAD_MS + WORDS_MS + TRAIL_MS


def book_of(extracted: Extracted, source: bytes | None = None, *, most_heard: int = 10**6) -> Book:
    """Return what a document is to the writers; only so many passages of it are heard."""
    encoder = Encoder(FORMATS["webm"], SAMPLE_RATE)
    silence = bytes(2 * SAMPLE_RATE * LEAD_MS // 1000)
    sound = encoder.encode(silence + tone(440, 0, WORDS_MS) + silence) + encoder.finish()
    passages: list[Passage] = []
    anchors: dict[str, int] = {}
    pictures: dict[str, Picture] = {}
    headings: list[Entry] = []
    for idx, block in enumerate(extracted.blocks):
        for anchor in block.anchors:
            anchors.setdefault(anchor, idx)
        for each in block.pictures:
            pictures[each.name] = Picture(each.content_type, each.data)
        spoken = speak(
            block.kind, block.html, block.shown, silent=chosen("usual", {}), words=(),
            language=block.language or extracted.language,
        )  # fmt: skip
        passage = Passage(
            idx, block.kind, block.level, block.language, block.html, spoken.text, spoken.spans
        )
        if spoken.text and idx < most_heard:
            marks = marks_of(spoken.text)
            heard = Sound(str(idx), "audio/webm", SOUND_MS, LEAD_MS, TRAIL_MS, marks)
            passage = replace(passage, sound=heard)
        passages.append(passage)
        if block.kind == "heading":
            headings.append(Entry(" ".join(block.shown.split()), block.level, idx))
    entries = [
        Entry(each.title, each.level, anchors[each.anchor])
        for each in extracted.outline
        if each.anchor in anchors
    ]
    cover = extracted.cover
    return Book(
        identifier="urn:uuid:6f0a2ca2-7d3a-4c8f-9d1c-1d6ff4a7b111",
        title=extracted.title or "A book",
        author=extracted.author,
        language=extracted.language or "en",
        passages=passages,
        entries=entries if len(entries) > 1 else headings,
        voice="Heart",
        pause_ms=200,
        heading_pause_ms=200,
        cover=Picture(cover.content_type, cover.data) if cover else None,
        anchors=anchors,
        read=lambda _: sound,
        picture=pictures.get,
        source=lambda: source,
    )


def marks_of(text: str) -> Sequence[tuple[int, int, int, int]]:
    words = list(re.finditer(r"\S+", text))

    def units(at: int) -> int:
        return len(text[:at].encode("utf-16-le", "surrogatepass")) // 2

    def time(number: int) -> int:
        return LEAD_MS + WORDS_MS * number // len(words)

    return [
        (units(word.start()), units(word.end()), time(number), time(number + 1))
        for number, word in enumerate(words)
    ]


def write(kind, book: Book, target) -> None:
    """Write a file as the job does, pieces first."""
    made = [kind.make(book, piece) for piece in kind.pieces(book)]
    kind.write(book, made.__getitem__, target, lambda share: None)
