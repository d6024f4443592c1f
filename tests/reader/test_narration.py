"""Books that bring their own narration: it is a voice of theirs."""

from __future__ import annotations

import io
import random

import av
import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from reader.extraction import recordings
from reader.extraction.archives import Archive
from reader.extraction.formats.epub import overlays
from reader.extraction.formats.epub.overlays import clock_ms
from reader.extraction.formats.epub.package import Package
from reader.extraction.sanitise import shown_text
from reader.ingestion.importing import import_document
from reader.ingestion.speaking import Speaker, speak_again
from reader.listening import ListeningVoice
from reader.models import Document
from reader.services.documents import add_document
from reader.services.preferences import preferences_of, voice_of
from tts import synthesis
from tts.models import Status, Voice
from tts.synthesis.ahead import Outcome, make_ahead

from . import narrated_books
from .narrated_books import recording


def kept(owner, book) -> Document:
    """Keep a book that is not imported yet."""
    upload = SimpleUploadedFile("book.epub", book if isinstance(book, bytes) else book.data())
    return add_document(owner=owner, upload=upload, kind="epub")


def bring_in(owner, book) -> Document:
    document = kept(owner, book)
    import_document(document)
    document.refresh_from_db()
    assert document.status == "ready"
    return document


def narrator_of(document) -> Voice | None:
    return Voice.objects.usable(str(document.uuid)).exclude(reserved_for="").first()


def listening(document) -> ListeningVoice:
    voice = narrator_of(document)
    return ListeningVoice.of(voice, document=document, listener=document.owner)


def make(document, block):
    """Make the sound of a block in its narrator's voice; return it."""
    heard = listening(document).for_text(block.text_hash, block.language)
    outcome = make_ahead(
        heard.voice, account=str(document.owner_id), sound="", text_hash=block.text_hash,
        text=block.text, language=block.language,
    )  # fmt: skip
    variant = synthesis.find(heard.recipe, [block.text_hash])[block.text_hash]
    assert (outcome, variant.error) == (Outcome.MADE, "")
    return variant


def samples_of(variant) -> np.ndarray:
    with (
        default_storage.open(variant.file.name) as file,
        av.open(io.BytesIO(file.read())) as opened,
    ):
        resampler = av.AudioResampler(format="s16", layout="mono", rate=24_000)
        return np.concatenate(
            [
                np.frombuffer(bytes(each.planes[0])[: 2 * each.samples], "<i2").astype(float)
                for frame in opened.decode(audio=0)
                for each in resampler.resample(frame)
            ]
        )


def pitch(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * 24_000 / len(samples)


def seconds_heard(variant) -> list[int]:
    """Return which seconds of the recording are heard in a sound, tenth by tenth."""
    samples = samples_of(variant)
    heard = []
    for at in range(0, len(samples) - 2400, 2400):
        second = round((pitch(samples[at : at + 2400]) - 400) / 100)
        if not heard or heard[-1] != second:
            heard.append(second)
    return heard


@pytest.fixture
def book(alice, voice) -> Document:
    return bring_in(alice, narrated_books.by_sentences())


def test_what_the_narrator_reads_is_cut_out_of_the_recording(book):
    blocks = list(book.blocks.all())
    assert [(block.text[:12], bool(block.clips)) for block in blocks] == [
        ("The sea at n", True),
        ("The first se", True),
        ("Nobody reads", False),
        ("The land by ", True),
        ("A whole para", True),
    ]
    heard = [make(book, blocks[at]) for at in (0, 1, 3, 4)]
    assert [variant.duration_ms for variant in heard] == [1000, 2500, 1000, 3000]
    assert [seconds_heard(variant) for variant in heard] == [[0], [1, 2, 3], [0], [1, 2, 3]]
    assert {variant.voice for variant in heard} == {narrator_of(book)}


@pytest.mark.parametrize("extension", ["mp3", "m4a", "ogg", "flac"])
def test_a_clip_begins_where_it_is_told_to_the_millisecond(alice, voice, extension):
    book = narrated_books.by_sentences()
    book.sounds = {f"audio/{name}.mp3": recording(4, extension) for name in ("one", "two")}
    document = bring_in(alice, book)
    samples = samples_of(make(document, document.blocks.get(idx=1)))
    # From 1 to 3.5 s of the recording: the tone of the third second begins after one second.
    before, after = samples[24_000 - 720 : 24_000 - 120], samples[24_000 + 120 : 24_000 + 720]
    assert (abs(pitch(before) - 500) < 45, abs(pitch(after) - 600) < 45) == (True, True)


@pytest.mark.parametrize(
    ("told", "ms"),
    [
        ("5:34:31.396", 20_071_396),
        ("124:59:36", 449_976_000),
        ("0:05:01.2", 301_200),
        ("0:00:04", 4_000),
        ("09:58", 598_000),
        ("00:56.78", 56_780),
        ("76.2s", 76_200),
        ("7.75h", 27_900_000),
        ("13min", 780_000),
        ("2345ms", 2_345),
        ("12.345", 12_345),
        (" 0:00:12.500 ", 12_500),
        ("npt=12.5s", 12_500),
        ("npt=0:00:12.500", 12_500),
        *((wrong, None) for wrong in ("", "x", "-1s", "1:2:3:4", "1e9", "٣s", "9" * 400, "99999h")),
    ],
)
def test_every_form_of_a_time_is_understood(told, ms):
    assert clock_ms(told) == ms


ONE_PAGE = {"one.xhtml": '<p id="p">Some words that are read.</p><p id="q">And some others.</p>'}


def with_pairs(*pairs, sounds=None, pages=None) -> narrated_books.Book:
    return narrated_books.Book(
        pages=pages or ONE_PAGE,
        pairs={"one.smil": pairs},
        sounds={"one.mp3": recording(4)} if sounds is None else sounds,
    )


def clips_of(alice, book) -> list[list[list[int]] | None]:
    return list(bring_in(alice, book).blocks.values_list("clips", flat=True))


P = ("one.xhtml#p", "one.mp3", "0s", "2s")
Q = ("one.xhtml#q", "one.mp3", "2s", "3s")
CLIP_P, CLIP_Q = [[0, 24, 0, 0, 2000]], [[0, 15, 0, 2000, 3000]]


@pytest.mark.parametrize(
    ("pairs", "clips"),
    [
        ((P, Q), [CLIP_P, CLIP_Q]),
        ((P,), [CLIP_P, None]),
        ((P, ("one.xhtml#nowhere", "one.mp3", "0s", "1s"), Q), [CLIP_P, CLIP_Q]),
        ((P, ("one.xhtml#q", "missing.mp3", "2s", "3s")), [CLIP_P, None]),
        ((P, ("one.xhtml#q", "../../one.mp3", "2s", "3s")), [CLIP_P, None]),
        ((P, ("one.xhtml#q", "file:///etc/passwd", "2s", "3s")), [CLIP_P, None]),
        ((P, ("one.xhtml#q", "http://127.0.0.1/one.mp3", "2s", "3s")), [CLIP_P, None]),
        ((P, ("%6fne.xhtml#%71", "%2e/%6fne.mp3", "2s", "3s")), [CLIP_P, CLIP_Q]),
        ((P, ("one.xhtml#q", "x/%2e%2e/one.mp3", "2s", "3s")), [CLIP_P, CLIP_Q]),
        ((P, ("one.xhtml#q", "one.mp3", "3s", "2s")), [CLIP_P, None]),
        ((P, ("one.xhtml#q", "one.mp3", "2s", "soon")), [CLIP_P, None]),
        ((P, ("one.xhtml#q", "one.mp3", "100s", "101s")), [CLIP_P, None]),
        ((P, ("one.xhtml#q", "one.mp3", "2s", "99s")), [CLIP_P, None]),
        ((P, ("one.xhtml#q", "one.mp3", "3s", "3.01s")), [CLIP_P, None]),  # too short for it
        ((("one.xhtml", "one.mp3", "0s", "3s"),), [None, None]),  # a page at once
    ],
)
def test_what_cannot_be_heard_is_left_to_another_voice(alice, voice, pairs, clips):
    assert clips_of(alice, with_pairs(*pairs)) == clips


def test_without_an_end_a_clip_goes_on_to_the_end_of_its_file(alice, voice):
    _, clips = clips_of(alice, with_pairs(P, ("one.xhtml#q", "one.mp3", "3s", "")))
    assert clips is not None
    assert abs(clips[0][4] - 4000) < 60


@pytest.mark.parametrize(
    "sound", [b"", b"no sound at all", b"ID3", b"#EXTM3U\nfile:///etc/passwd\n", b"\xff\xfb" * 999]
)
def test_a_recording_that_is_damaged_makes_no_voice(alice, voice, sound):
    document = bring_in(alice, with_pairs(P, Q, sounds={"one.mp3": sound}))
    assert list(document.blocks.values_list("clips", flat=True)) == [None, None]
    assert narrator_of(document) is None
    assert voice_of(preferences_of(alice, document)) == voice


def test_of_a_recording_that_is_cut_off_the_beginning_is_heard(alice, voice):
    sound = recording(4)
    document = bring_in(alice, with_pairs(P, Q, sounds={"one.mp3": sound[: len(sound) * 6 // 10]}))
    assert [bool(clips) for clips in document.blocks.values_list("clips", flat=True)] == [
        True,
        False,
    ]


@pytest.mark.parametrize(("extension", "read"), [("mp3", [True, False, False]),
                                                 ("ogg", [True, False, True])])  # fmt: skip
def test_what_is_damaged_in_the_middle_of_a_recording_is_left_to_another_voice(
    alice, voice, extension, read
):
    chance = random.Random(7)
    sound = bytearray(recording(12, extension))
    for at in range(len(sound) * 5 // 12, len(sound) * 7 // 12):
        sound[at] = chance.randrange(256)
    page = "".join(f'<p id="p{n}">Paragraph {"abc"[n]} of the book.</p>' for n in range(3))
    pairs = [(f"one.xhtml#p{n}", "one.mp3", f"{4 * n + 0.5}s", f"{4 * n + 3}s") for n in range(3)]
    book = with_pairs(*pairs, sounds={"one.mp3": bytes(sound)}, pages={"one.xhtml": page})
    document = bring_in(alice, book)
    clips = list(document.blocks.values_list("clips", flat=True))
    assert [bool(each) for each in clips] == read
    if clips[2]:
        assert seconds_heard(make(document, document.blocks.get(idx=2))) == [8, 9, 10]


def test_far_more_clips_than_a_book_has_are_not_read(alice, voice, monkeypatch):
    pairs = [P, *([("one.xhtml#none", "one.mp3", "0s", "1s")] * 40), Q]
    archive = Archive(with_pairs(*pairs).data())
    found = overlays.overlays_of(archive, Package(archive))
    assert sorted(found.pages["OPS/one.xhtml"]) == ["none", "p", "q"]
    monkeypatch.setattr(overlays, "MOST_CLIPS", 20)
    found = overlays.overlays_of(archive, Package(archive))
    assert sorted(found.pages["OPS/one.xhtml"]) == ["none", "p"]


def test_a_recording_that_takes_long_to_look_at_holds_no_import_up():
    sound = recording(20)
    assert abs(recordings.look(sound, 0).length - 20) < 0.1
    assert abs(recordings.look(sound, 60).length - 20) < 0.1


def test_overlapping_clips_are_heard_once_and_a_step_back_as_it_is_told(alice, voice):
    page = '<p><i id="a">These are</i> <i id="b">the words</i> <i id="c">of it all.</i></p>'
    pages = {"one.xhtml": page}
    document = bring_in(
        alice,
        with_pairs(
            ("one.xhtml#a", "one.mp3", "1s", "2.2s"),
            ("one.xhtml#b", "one.mp3", "2s", "3s"),
            ("one.xhtml#c", "one.mp3", "0s", "1s"),
            pages=pages,
        ),
    )
    variant = make(document, document.blocks.get())
    assert variant.duration_ms == 3000
    assert seconds_heard(variant) == [1, 2, 0]


def test_a_passage_over_two_files_is_heard_whole(alice, voice):
    pairs = (("one.xhtml#p", "one.mp3", "3s", ""), ("one.xhtml#p", "two.mp3", "0s", "1s"), Q)
    sounds = {"one.mp3": recording(4), "two.mp3": recording(2)}
    document = bring_in(alice, with_pairs(*pairs, sounds=sounds))
    assert seconds_heard(make(document, document.blocks.get(idx=0))) == [3, 0]


def test_a_paragraph_that_is_one_clip_stays_one_block(alice, voice):
    text = " ".join(f"This is sentence number {n} of a long paragraph." for n in range(40))
    pages = {"one.xhtml": f'<p id="p">{text}</p><p>{text}</p>'}
    pairs = [("one.xhtml#p", "one.mp3", "0s", "60s")]
    sounds = {"one.mp3": recording(60)}
    book = narrated_books.Book(pages, {"one.smil": pairs}, sounds)
    blocks = list(bring_in(alice, book).blocks.all())
    assert (blocks[0].text, bool(blocks[0].clips)) == (text, True)
    assert len(blocks) > 3
    assert not any(block.clips for block in blocks[1:])


def test_numbers_of_notes_and_pages_need_not_be_read(alice, voice):
    page = (
        '<p><span id="a">It is told<a href="#n1" epub:type="noteref">1</a> so.</span> '
        '<span epub:type="pagebreak" id="pg12" title="12">12</span>'
        '<span id="b">And so on.</span></p>'
    )
    pairs = (("one.xhtml#a", "one.mp3", "0s", "1s"), ("one.xhtml#b", "one.mp3", "1s", "2s"))
    document = bring_in(alice, with_pairs(*pairs, pages={"one.xhtml": page}))
    assert [bool(each) for each in document.blocks.values_list("clips", flat=True)] == [True]


def test_a_paragraph_of_which_a_sentence_is_missing_is_not_read_by_the_narrator(alice, voice):
    page = '<p><span id="a">It is told so.</span> And this too. <span id="b">And so on.</span></p>'
    pairs = (("one.xhtml#a", "one.mp3", "0s", "1s"), ("one.xhtml#b", "one.mp3", "1s", "2s"))
    assert clips_of(alice, with_pairs(*pairs, pages={"one.xhtml": page})) == [None]


def test_words_with_clips_of_their_own_are_lit_when_these_begin(alice, voice):
    words = ["Every", "word", "has", "😀", "its", "time."]
    page = "<p>" + " ".join(f'<i id="w{at}">{word}</i>' for at, word in enumerate(words)) + "</p>"
    pairs = [
        (f"one.xhtml#w{at}", "one.mp3", f"{1000 + 300 * at}ms", f"{1300 + 300 * at}ms")
        for at in range(len(words))
        if at != 3
    ]
    document = bring_in(alice, with_pairs(*pairs, pages={"one.xhtml": page}))
    variant = make(document, document.blocks.get())
    assert variant.marks_source == "engine"
    assert [[start, end, at] for start, end, at, _ in variant.marks] == [
        [0, 5, 0], [6, 10, 300], [11, 14, 600], [18, 21, 1200], [22, 26, 1500],
    ]  # fmt: skip


def test_what_is_spoken_may_change_and_the_narrator_still_reads_it(book):
    block = book.blocks.get(idx=1)
    book.owner.lexicon.create(word="sentence", say="phrase")
    Document.objects.filter(pk=book.pk).update(speech_asked=1)
    speak_again(book)
    changed = book.blocks.get(idx=1)
    assert changed.text == block.text.replace("sentence", "phrase")
    assert seconds_heard(make(book, changed)) == [1, 2, 3]


def test_what_a_person_has_put_right_is_said_by_another_voice(book, voice):
    block = book.blocks.get(idx=1)
    block.correction = "Say this instead."
    Speaker.of(book).speak(block, shown_text(block.html))
    block.save()
    assert make(book, block).voice == voice


def test_equal_texts_are_read_alike(alice, voice):
    pages = {"one.xhtml": '<p id="p">The same words.</p><p>The same words.</p>'}
    document = bring_in(alice, with_pairs(P, pages=pages))
    heard = listening(document)
    assert [heard.for_text(block.text_hash, block.language) for block in document.blocks.all()] == [
        heard, heard,
    ]  # fmt: skip
    make(document, document.blocks.get(idx=0))
    assert document.blocks.filter(heard.having(status=Status.CACHED)).count() == 2
