"""A book that brings its own narration is read by its narrator."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.files.base import ContentFile

from tests.reader.narrated_books import Book, recording

from .test_voice_change import IN_THE_PIPE, assert_only

NARRATOR, STAND_IN, OTHER = 700, 300, 500
WORD_MS = 400
READ = "Every single word of this paragraph has a clip of its own in the overlay of the book"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def picture(page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder) / f"narrator-{name}.png")


def narrated_book(stack, person: str, title: str = "Read to you") -> tuple[str, str]:
    """Add a book of which all but the second paragraph is read; return uuid and voice slug."""
    from reader.ingestion.importing import import_document
    from reader.models import Document, User

    words = READ.split()
    paragraphs, pairs = [], []
    for number in range(3):
        named = (f'<span id="w{number}-{at}">{word}</span>' for at, word in enumerate(words))
        paragraphs.append(f"<p>{' '.join(named)}, number {number}.</p>".replace(
            f", number {number}.", f' <span id="n{number}">{number}.</span>'
        ))  # fmt: skip
        for at in range(len(words)):
            begin = (number * len(words) + at) * WORD_MS
            pairs.append((
                f"one.xhtml#w{number}-{at}", "one.mp3", f"{begin}ms", f"{begin + WORD_MS}ms",
            ))  # fmt: skip
    paragraphs.insert(1, "<p>This one nobody has read for the book.</p>")
    seconds = 3 * len(words) * WORD_MS // 1000 + 1
    book = Book(
        pages={"one.xhtml": "".join(paragraphs)},
        pairs={"one.smil": pairs},
        sounds={"one.mp3": recording(seconds, tone_of=lambda second: NARRATOR)},
        narrator="Ada Reader",
    )
    owner = User.objects.get(username=person)
    document = Document(owner=owner, title=title, kind="epub")
    document.source.save(f"{document.uuid.hex}.epub", ContentFile(book.data()), save=True)
    import_document(document)
    return str(document.uuid), document.uuid.hex


def test_the_narrator_is_heard_and_the_words_are_lit(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=30)
    stack.prefer(person, model, f"tone-{STAND_IN}", pause_ms=0)
    uuid, narrator = narrated_book(stack, person)
    reading = open_page(person, uuid)
    assert "The book’s narrator" in reading.page.inner_text("#voice")
    picture(reading.page, "page-desktop")
    reading.play()
    reading.hears(NARRATOR, 20)
    # What nobody has read is read by another voice, and the page says so.
    reading.waits_for(lambda: reading.current == 1, 30, "it comes to the passage that is not read")
    reading.hears(STAND_IN, 20)
    reading.waits_for(lambda: reading.current == 2, 30, "it goes on")
    reading.hears(NARRATOR, 20)
    lit = reading.words_lit()
    assert lit[: len(READ.split())] == READ.split()
    # In the middle to another voice, and back.
    changed = reading.choose_voice(f"tone-{OTHER}", model)
    reading.hears(OTHER, 20, since=changed)
    back = reading.choose_voice(narrator, "narrator")
    assert_only(reading, f"tone-{OTHER}", changed, back)
    reading.hears(NARRATOR, 20, since=back)
    assert reading.tones(back + IN_THE_PIPE) <= {NARRATOR}


def test_it_stands_among_the_voices_of_its_book_alone(stack, open_page):
    person, model = stack.person(), stack.tones(ms_per_character=30)
    stack.prefer(person, model, f"tone-{STAND_IN}")
    uuid, narrator = narrated_book(stack, person)
    for name, options in (("desktop", {}), ("phone", PHONE)):
        for theme in ("light", "dark"):
            reading = open_page(person, uuid, color_scheme=theme, **options)
            page = reading.page
            page.click("#voice")
            page.wait_for_selector(f"#voice-narrator-{narrator}")
            picture(page, f"voices-{name}-{theme}")
    page.keyboard.press("Escape")
    other = open_page(person, stack.document(person, "Some other words."))
    other.page.click("#voice")
    other.page.wait_for_selector(f"#voice-{model}-tone-{STAND_IN}")
    assert other.page.locator(f"#voice-narrator-{narrator}").count() == 0
