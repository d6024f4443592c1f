"""What is spoken is not what is written: rules, levels, lexicon, corrections."""

import pytest
from django.urls import reverse

from reader.extraction.sanitise import draft
from reader.ingestion import speaking
from reader.models import Block, LexiconEntry
from reader.spoken import LEVELS, RULES, Pronunciation, chosen, speak
from tts import synthesis
from tts.models import AudioVariant

from .conftest import INLINE, make_sounds, want

USUAL, RUNNING, EVERYTHING = LEVELS["usual"], LEVELS["running"], LEVELS["everything"]


def spoken(html: str, silent=USUAL, kind: str = "paragraph", **options):
    made = draft(kind, html)
    said = speak(kind, made.html, made.shown, silent=silent, **options)
    for start, shown_start, length in said.spans:  # the map tells the truth
        heard, read = utf16(said.text, start, length), utf16(made.shown, shown_start, length)
        assert heard.split() == read.split()
    return said


def utf16(text: str, start: int, length: int) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * start : 2 * (start + length)].decode("utf-16-le", "replace")


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>As was shown [12].</p>", "As was shown."),
        ("<p>As was shown [3, 5–7] before.</p>", "As was shown before."),
        ("<p>It holds (Smith et al., 2019), mostly.</p>", "It holds, mostly."),
        ("<p>It holds (Smith &amp; Jones 2019; Li, 2020a).</p>", "It holds."),
        ("<p>Müller (2019) says so.</p>", "Müller (2019) says so."),
        ("<p>In (January 2019) it was.</p>", "In it was."),
        ("<p>See https://www.debian.org/doc/x?y=1, there.</p>", "See debian.org, there."),
        ("<p>A word<sup data-role='note'>3</sup> more.</p>", "A word more."),
        ("<p>x<sup>2</sup> is a square.</p>", "x2 is a square."),
        ("<p>A word² and more.¹² So 5 km² and x².</p>", "A word and more. So 5 km² and x²."),
        ("<p>Use <code data-role='code'>ls -l</code> now.</p>", "Use ls -l now."),
        ("<p>Keep (this) here.</p>", "Keep (this) here."),
        ("<p>😀 Emoji [1] and more [2] 😀.</p>", "😀 Emoji and more 😀."),
    ],
)
def test_the_usual_leaves_out_citations_notes_and_long_addresses(html, said):
    assert spoken(html).text == said


def test_everything_leaves_out_nothing():
    html = "<p>Shown [12] (Smith, 2019)<sup data-role='note'>1</sup> at https://x.org/a (so).</p>"
    assert spoken(html, EVERYTHING).text == "Shown [12] (Smith, 2019)1 at https://x.org/a (so)."


@pytest.mark.parametrize(
    ("kind", "html", "rule"),
    [
        ("code", "<pre><code>x = 1</code></pre>", "code"),
        ("table", "<table><tbody><tr><td>a</td></tr></tbody></table>", "tables"),
        ("figure", "<figure><figcaption>Figure 1: A map.</figcaption></figure>", "figures"),
        ("paragraph", "<p data-role='note'>1. A note.</p>", "notes"),
    ],
)
def test_whole_blocks_are_silent_and_tell_why(kind, html, rule):
    said = spoken(html, RUNNING, kind)
    assert (said.text, said.silence) == ("", rule)
    assert spoken(html, EVERYTHING, kind).text


def test_a_passage_that_is_left_out_is_told_with_its_rule():
    said = spoken("<p>Shown (here) [12] so.</p>", RUNNING)
    assert said.text == "Shown so."
    assert [each.rule for each in said.unspoken] == ["brackets", "citations"]


def test_a_block_of_nothing_else_is_silent_by_that_rule():
    said = spoken("<p>[1] (so)</p>", RUNNING)
    assert (said.text, said.silence) == ("", "citations")


def test_a_table_is_read_row_by_row_with_the_heads_of_its_columns():
    html = (
        "<table><thead><tr><th>Name</th> <th>Age</th></tr></thead> <tbody>"
        "<tr><td>Ann</td> <td>31</td></tr> <tr><td>Bea</td> <td></td></tr></tbody></table>"
    )
    assert spoken(html, USUAL, "table").text == "Name, Age. Ann, Age: 31. Bea."


def test_single_switches_go_over_the_level():
    assert chosen("usual", {"code": True, "notes": False}) == USUAL - {"notes"} | {"code"}
    assert chosen("nonsense", {"evil": True}) == USUAL
    assert {rule.name for rule in RULES} == RUNNING


def test_mathematics_is_left_out_where_it_is_wanted():
    html = "<p>So $a^2+b^2$ holds, for $5 or <span data-role='math'>x = y</span>.</p>"
    assert spoken(html, RUNNING).text == "So holds, for $5 or."


# --- the lexicon ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "text", "said"),
    [
        (Pronunciation("SQL", "sequel"), "SQL and sql, MySQL.", "sequel and sequel, MySQL."),
        (Pronunciation("SQL", "sequel", match_case=True), "SQL and sql.", "sequel and sql."),
        (Pronunciation("ly", "lee", whole_word=False), "Only.", "Onlee."),
        (Pronunciation("New York", "Nu Jork"), "In New  York.", "In Nu Jork."),
        (Pronunciation("a.b", "c"), "a.b axb", "c axb"),
        (Pronunciation("x", "y", language="de"), "x", "x"),
        (Pronunciation("x", "y", language="en"), "x", "y"),
    ],
)
def test_a_word_is_said_as_its_listener_wants(word, text, said):
    made = speak("paragraph", f"<p>{text}</p>", text, words=[word], language="en-GB")
    assert made.text == said


# --- documents ------------------------------------------------------------------------------------

TEXT = """The first paragraph cites [12] something.

The second paragraph is plain.

The third (in brackets) has some.
"""


@pytest.fixture
def cited(alice, voice, transactional_db):
    from tests.conftest import make_document

    return make_document(alice, TEXT)


def texts(document):
    return list(Block.objects.filter(document=document).values_list("text", flat=True))


def test_a_rule_changes_only_the_blocks_and_sounds_whose_text_changed(cited, voice):
    assert texts(cited)[0] == "The first paragraph cites something."
    made = make_sounds(cited, voice)
    before = {block.idx: (block.text_hash, block.pk) for block in cited.blocks.all()}
    cited.speech_level = "running"
    cited.save()
    assert speaking.speak_again(cited) == 1
    assert texts(cited)[2] == "The third has some."
    after = {block.idx: (block.text_hash, block.pk) for block in cited.blocks.all()}
    assert [idx for idx in before if before[idx] != after[idx]] == [2]
    cited.refresh_from_db()
    assert cited.revision == 2
    again = want(cited, voice)
    assert [variant.pk for variant in again[:2]] == [variant.pk for variant in made[:2]]
    assert AudioVariant.objects.filter(status="queued").count() == 1
    assert speaking.speak_again(cited) == 0
    cited.refresh_from_db()
    assert cited.revision == 2
    synthesis.take_turn(voice.speech_model)


@pytest.mark.usefixtures("static_files")
def test_a_person_chooses_what_is_read(cited, as_alice, as_bob):
    address = reverse("document_speech", args=[cited.uuid])
    assert as_bob.get(address).status_code == 404
    page = as_alice.get(address).content.decode()
    assert "Only the running text" in page
    assert not INLINE.search(page)
    data = {"speech_level": "running", "rule_citations": "spoken", "rule_code": ""}
    assert as_alice.post(address, data).status_code == 302
    cited.refresh_from_db()
    assert (cited.speech_level, cited.speech_switches) == ("running", {"citations": False})
    speaking.speak_again(cited)  # as the worker does
    assert texts(cited)[0] == "The first paragraph cites [12] something."
    assert as_alice.post(address, {"speech_level": "evil"}).status_code == 200


@pytest.mark.usefixtures("static_files")
def test_a_block_tells_what_is_left_out_and_can_be_corrected(cited, as_alice, as_bob):
    address = reverse("block_speech", args=[cited.uuid, 0])
    assert as_bob.get(address).status_code == 404
    page = as_alice.get(address).content.decode()
    assert "[12]" in page
    assert "citations, such as" in page
    assert as_alice.post(address, {"correction": " Say   this. "}).status_code == 302
    speaking.speak_again(cited)
    assert texts(cited)[0] == "Say this."
    assert "no words" in as_alice.post(address, {"correction": "…"}).content.decode()
    as_alice.post(address, {"correction": ""})
    speaking.speak_again(cited)
    assert texts(cited)[0] == "The first paragraph cites something."
    assert as_alice.get(reverse("block_speech", args=[cited.uuid, 99])).status_code == 404


@pytest.mark.usefixtures("static_files")
def test_a_lexicon_is_kept_per_person(cited, as_alice, as_bob, alice):
    address = reverse("lexicon")
    data = {"word": "paragraph", "say": "section", "whole_word": "on"}
    assert as_alice.post(address, data).status_code == 302
    assert "already" in as_alice.post(address, data).content.decode()
    assert "section" in as_alice.get(address).content.decode()
    assert "section" not in as_bob.get(address).content.decode()
    speaking.speak_again(cited)
    assert texts(cited)[1] == "The second section is plain."
    entry = LexiconEntry.objects.get()
    assert as_bob.post(reverse("lexicon_delete", args=[entry.pk])).status_code == 404
    assert as_alice.post(reverse("lexicon_delete", args=[entry.pk])).status_code == 302
    speaking.speak_again(cited)
    assert texts(cited)[1] == "The second paragraph is plain."


def test_an_open_page_is_told_of_the_new_revision(cited, monkeypatch):
    told = []
    monkeypatch.setattr(speaking.events, "document_changed", lambda *about: told.append(about))
    cited.speech_level = "running"
    cited.save()
    speaking.speak_again(cited)
    assert told == [(cited.owner_id, cited.uuid)]
