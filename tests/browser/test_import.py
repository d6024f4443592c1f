"""A real book of over a thousand pages: heard while it comes in."""

from __future__ import annotations

import time

import pytest

from tests.reader.extraction.material import file

from .conftest import sign_in
from .listening import ReadingPage

OCTAVE = "usr/share/doc/octave/octave.pdf"


def bring_in(page, path):
    page.goto("/documents/new/")
    page.set_input_files("input[type=file]", path)
    page.click("main button[type=submit]")
    page.wait_for_selector("#play:enabled")


@pytest.mark.alone
def test_a_long_book_is_heard_while_the_rest_comes_in(stack, new_context):
    path = file("octave-doc", OCTAVE)
    person = stack.person()
    stack.prefer(person, stack.tones(ms_per_character=50), "tone-500")
    page = new_context().new_page()
    sign_in(page, person)
    page.goto("/documents/new/")
    page.set_input_files("input[type=file]", path)
    began = time.monotonic()
    page.click("main button[type=submit]")
    page.wait_for_selector("#play:enabled")
    page.evaluate("witness.started")
    page.click("#play")
    reading = ReadingPage(page)
    reading.hears(500, 30, since=0)
    heard = time.monotonic() - began
    importing = page.get_attribute("#reading", "data-status") == "importing"
    print(f"first sound {heard:.2f} s after the upload began; importing still: {importing}")
    assert importing
    assert "of 1158" in page.inner_text("#importing")
    page.wait_for_selector("#reading[data-status=ready]", state="attached", timeout=120_000)
    chunks = "[...document.querySelectorAll('.chunk')]"
    from reader.models import Document

    last = Document.objects.get(title="GNU Octave").block_count - 1
    page.wait_for_function(
        f"{chunks}.length === {last // 50 + 1} && {chunks}.every((c) => c.textContent)",
        timeout=120_000,
    )
    page.evaluate(f"location.hash = '#block-{last}'")
    page.wait_for_selector(f"#block-{last}", timeout=20_000)
    assert page.evaluate("document.querySelectorAll('.block').length") < 500, "a window is drawn"
    assert page.inner_text("#title") == "GNU Octave"


def test_what_an_import_finds_out_is_shown_without_a_reload(stack, new_context):
    """The title that the text begins with is said once, and a fitting voice is offered."""
    page = new_context(heard=False).new_page()
    person = stack.person()
    stack.hears(person, "espeak", "en-us")
    sign_in(page, person)
    page.goto("/documents/new/")
    german = "Der Hund und die Katze sind nicht im Haus, und das ist auch gut so, sagte er. " * 3
    page.fill("textarea", f"Ein kleiner Titel\n\n{german}")
    page.click("main button[type=submit]")
    page.wait_for_selector("#reading[data-status=ready]", state="attached")
    page.wait_for_selector("text=This is written in German")
    page.wait_for_selector(".reading--titled")
    assert page.inner_text("#title") == page.inner_text("#block-0 .block__body")


def test_the_same_file_again_is_noticed(stack, new_context, tmp_path):
    path = tmp_path / "words.md"
    path.write_text("# A title\n\nSome words that are to be read.\n")
    page = new_context(heard=False).new_page()
    sign_in(page, stack.person())
    bring_in(page, path)
    page.wait_for_selector("#block-1")
    first = page.url
    page.goto("/documents/new/")
    page.set_input_files("input[type=file]", path)
    page.click("main button[type=submit]")
    page.get_by_text("You have brought in this file before").wait_for()
    page.click("main .message--known a")
    page.wait_for_url(first)
    page.goto("/documents/new/")
    page.set_input_files("input[type=file]", path)
    page.click("main button[type=submit]")
    page.check("[name=again]")
    page.set_input_files("input[type=file]", path)
    page.click("main button[type=submit]")
    page.wait_for_selector("#block-1")
    assert page.url != first


def test_an_import_can_be_stopped_and_what_came_is_read(stack, new_context):
    path = file("octave-doc", OCTAVE)
    person = stack.person()
    page = new_context(heard=False).new_page()
    sign_in(page, person)
    bring_in(page, path)
    page.wait_for_selector("#block-11")
    page.click("text=Stop here")
    page.wait_for_selector("#reading[data-status=ready]", state="attached", timeout=20_000)
    blocks = page.evaluate("document.querySelectorAll('.block').length")
    assert 0 < blocks < 20_000


def test_the_page_stays_where_it_is_while_the_text_comes(stack, new_context):
    from reader.ingestion.importing import import_document
    from reader.models import User
    from reader.services.documents import add_document

    person = stack.person()
    text = "\n\n".join(f"# Heading {n}\n\nA line." for n in range(40))
    document = add_document(owner=User.objects.get(username=person), text=text)
    page = new_context(heard=False).new_page()
    sign_in(page, person)
    page.goto(f"/documents/{document.uuid}/")
    page.wait_for_selector("#importing:visible")
    page.evaluate("addEventListener('scroll', () => (globalThis.scrolledTo = scrollY))")
    import_document(document)
    page.wait_for_selector("#block-30")
    page.wait_for_timeout(500)  # for what would come after it
    assert page.evaluate("globalThis.scrolledTo") is None
    assert not page.is_visible("#back-to-place")


def test_what_is_read_is_chosen_and_the_page_follows(stack, new_context):
    person = stack.person()
    uuid = stack.document(person, "It was shown [12] before.\n\nAnother (short) paragraph.")
    page = new_context(heard=False).new_page()
    sign_in(page, person)
    page.goto(f"/documents/{uuid}/")
    page.wait_for_selector("#play:enabled")
    assert page.get_attribute("#block-0", "data-chars") == str(len("It was shown before."))
    page.click("#about-open")
    page.click("#panel a:has-text('What is read')")
    page.check("input[value=everything]")
    page.click("main button[type=submit]")
    page.wait_for_selector("#block-0[data-chars='25']", timeout=20_000)


def test_a_voice_of_the_texts_own_language_is_offered(stack, new_context):
    person = stack.person()
    stack.hears(person, "espeak", "en-us")
    german = "Der Hund und die Katze sind nicht in dem Haus, und das ist auch gut so, sagte er."
    uuid = stack.document(person, german)
    page = new_context(heard=False).new_page()
    sign_in(page, person)
    page.goto(f"/documents/{uuid}/")
    notice = page.locator("#notices .notice")
    notice.wait_for()
    assert "This is written in German, and the voice speaks English." in notice.inner_text()
    page.click("text=Choose a voice for German")
    page.click(".voices__voice:visible >> text=German")
    notice.wait_for(state="detached")
