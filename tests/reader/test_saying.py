"""A word that was heard wrong: a rule for it from the page, and the block follows at once."""

from __future__ import annotations

import pytest

from reader.forms.people import MAX_LEXICON
from reader.models import Document
from tests.conftest import make_document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

TEXT = "Nginx and nginx serve it.\n\nNothing of the kind.\n\nAnother nginx.\n\n日本語の本を読む。\n"


@pytest.fixture
def served(alice, voice) -> Document:
    document = make_document(alice, TEXT)
    document.blocks.update(language="en")
    return document


@pytest.fixture
def say(as_alice, served):
    def post(word="nginx", say="engine x", language="en", *, idx=0, client=as_alice):
        data = {"word": word, "say": say, "language": language}
        return client.post(f"/documents/{served.uuid}/speech/{idx}/word/", data)

    return post


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks.all()]


def test_the_block_follows_at_once_and_its_page_is_told(say, served, monkeypatch):
    told = []
    monkeypatch.setattr(
        "reader.ingestion.speaking.events.document_changed", lambda *about: told.append(about)
    )
    answer = say()
    assert answer.json() == {"changed": True, "revision": served.revision + 1}
    assert texts(served)[:3] == [
        "engine x and engine x serve it.", "Nothing of the kind.", "Another nginx.",
    ]  # fmt: skip
    assert told == [(served.owner_id, served.uuid)]


def test_a_second_try_changes_the_rule(say, served, alice):
    say()
    assert say(word="Nginx", say="en jinx").json()["changed"] is True
    assert [(each.word, each.say) for each in alice.lexicon.all()] == [("Nginx", "en jinx")]
    assert texts(served)[0] == "en jinx and en jinx serve it."
    say(say="elsewhere", language="")  # another rule: for all languages
    assert alice.lexicon.count() == 2


def test_of_several_spellings_the_very_one_is_changed(say, alice):
    for word in ("nginx", "Nginx"):
        alice.lexicon.create(word=word, say="x", language="en", match_case=True)
    say(word="Nginx", say="y")
    assert dict(alice.lexicon.values_list("word", "say")) == {"nginx": "x", "Nginx": "y"}


def test_a_rule_that_changes_nothing_there_is_kept_and_says_so(say, served, alice):
    assert say(idx=1).json() == {"changed": False, "revision": served.revision}
    assert alice.lexicon.count() == 1


def test_a_word_in_a_script_without_spaces_is_found_within_others(say, served, alice):
    assert say(word="日本語", say="にほんご", language="", idx=3).json()["changed"] is True
    assert texts(served)[3] == "にほんごの本を読む。"
    say(word="kind", say="kin", idx=1)
    assert dict(alice.lexicon.values_list("word", "whole_word")) == {
        "日本語": False,
        "kind": True,
    }


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"word": ""}, "word", "Write the word as it stands in the text."),
        ({"word": "x" * 101}, "word", "more than a word or a few: 100 letters"),
        ({"word": "…"}, "__all__", "A word has letters or digits."),
        ({"say": ""}, "say", "Write how it sounds."),
        ({"say": "x" * 201}, "say", "too long: 200 letters"),
        ({"say": "!?"}, "__all__", "Write how it sounds in letters"),
        ({"word": "a\0b"}, "word", "Null characters"),
    ],
)
def test_what_is_no_rule_is_told_in_words(say, alice, fields, field, words):
    answer = say(**fields)
    assert answer.status_code == 400
    assert words in " ".join(answer.json()["errors"][field])
    assert alice.lexicon.count() == 0


def test_a_full_list_takes_no_more_but_lets_its_rules_be_changed(say, alice):
    alice.lexicon.create(word="nginx", say="x", language="en")
    for n in range(1, MAX_LEXICON):
        alice.lexicon.create(word=f"word {n}", say="x")
    assert say().status_code == 200
    assert "take some out first" in str(say(word="serve").json()["errors"])


def test_nobody_else_says_how_it_is_read(say, as_bob, client, served, bob):
    assert say(client=as_bob).status_code == 404
    assert say(client=client).status_code == 302  # to the sign-in
    assert texts(served)[0] == "Nginx and nginx serve it."
    assert bob.lexicon.count() == 0
    assert say(idx=99).status_code == 404
