"""The library in a real browser: bringing in, renaming, deleting and taking back, finding."""

from __future__ import annotations

import re
import time

import pytest

from .conftest import sign_in, sign_in_by_form
from .stack import wait_for

WORDS = "Some words that are to be read, and a few more of them."
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
LONG_TEXT = "The sea is wide, and the land is long, and the sky is high above the two. " * 4
# What a person does with files on their desk: they come over the page, and are let go.
DROP = """files => {
  const data = new DataTransfer();
  for (const [name, content] of files) data.items.add(new File([content], name));
  const target = document.querySelector('main h1') ?? document.body;
  for (const type of ['dragenter', 'dragover', 'drop']) {
    if (type === 'drop') window.wasShown = !document.getElementById('drop-here').hidden;
    const options = { dataTransfer: data, bubbles: true, cancelable: true };
    target.dispatchEvent(new DragEvent(type, options));
  }
}"""
PASTE = """([text, selector]) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  const target = selector ? document.querySelector(selector) : document.body;
  const options = { clipboardData: data, bubbles: true, cancelable: true };
  return target.dispatchEvent(new ClipboardEvent('paste', options));
}"""


@pytest.fixture(params=["desktop", "phone"])
def device(request) -> dict:
    return {"desktop": DESKTOP, "phone": PHONE}[request.param]


@pytest.fixture
def open_library(stack, new_context):
    def open_(person: str, path: str = "/", **options: object):
        page = new_context(heard=False, **(options or DESKTOP)).new_page()
        sign_in(page, person)
        page.goto(path)
        page.wait_for_selector(".sift--live, #new-document", state="attached")
        return page

    return open_


def titles(page) -> list[str]:
    return page.locator(".card__title").all_inner_texts()


def shows(page, expected: list[str], seconds: float = 20) -> None:
    wait_for(lambda: titles(page) == expected, seconds, f"{expected}, not {titles(page)}")


def row(page, name: str):
    return page.locator(".arrival", has_text=name)


def stays(page) -> None:
    """Note that this page is this page: one that was loaded anew has no such note."""
    page.evaluate("window.wasHere = true")


def was_not_loaded_anew(page) -> bool:
    return page.evaluate("window.wasHere === true")


def fits(page) -> None:
    """Nothing sticks out at the side."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# --- several files at once ------------------------------------------------------------------------


def test_files_are_dropped_on_the_library_and_one_is_bad(stack, open_library):
    page = open_library(stack.person())
    stays(page)
    files = [[f"file {n}.txt", f"{WORDS} {n}"] for n in range(4)]
    page.evaluate(DROP, [*files, ["picture.png", "\x89PNG\r\n\x1a\n\x00\x00"]])
    assert page.evaluate("window.wasShown")
    assert not page.locator("#drop-here").is_visible()
    for n in range(4):
        row(page, f"file {n}.txt").locator("a").wait_for()
    bad = row(page, "picture.png")
    page.wait_for_selector(".arrival[data-state=failed]")
    assert len(bad.locator(".arrival__state").inner_text()) > 20
    assert bad.locator("a").count() == 0
    expected = [f"file {n}" for n in range(4)]
    wait_for(lambda: sorted(titles(page)) == expected, 30, "the cards are there")
    assert was_not_loaded_anew(page)
    page.get_by_role("button", name="Dismiss: picture.png").click()
    assert page.locator(".arrival").count() == 4
    row(page, "file 2.txt").locator("a").click()
    page.wait_for_selector("#block-0")
    assert "more of them. 2" in page.inner_text("#block-0")


def test_what_is_sent_tells_how_far_it_is_and_can_be_broken_off(stack, open_library, device):
    person = stack.person()
    page = open_library(person, **device)
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1}
    client.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": 400_000})
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          for (const name of ['a.txt', 'b.txt', 'c.txt']) {
            data.items.add(new File(['word '.repeat(600_000)], name));
          }
          const options = { dataTransfer: data, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new DragEvent('drop', options));
        }"""
    )
    state = row(page, "a.txt").locator(".arrival__state")
    wait_for(lambda: re.match(r"[1-9]\d? % sent", state.inner_text()), 30, "it tells how far")
    assert row(page, "c.txt").locator(".arrival__state").inner_text() == "Waits for its turn"
    assert row(page, "a.txt").locator("progress").evaluate("bar => bar.value > 0")
    fits(page)
    for name in ("a.txt", "b.txt", "c.txt"):
        page.get_by_role("button", name=f"Cancel: {name}").click()
    assert page.locator("#arrivals").is_hidden()
    client.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    page.reload()
    assert titles(page) == []


def test_several_files_are_chosen_on_the_page_for_adding(stack, open_library, tmp_path):
    page = open_library(stack.person(), "/documents/new/")
    paths = []
    for name in ("one.md", "two.md", "empty.md"):
        paths.append(tmp_path / name)
        paths[-1].write_text("" if name == "empty.md" else f"# {name}\n\n{WORDS} {name}\n")
    page.set_input_files("input[type=file]", paths)
    for name in ("one.md", "two.md"):
        row(page, name).locator("a").wait_for()
    row(page, "empty.md").get_by_text("This file is empty").wait_for()
    assert page.url.endswith("/documents/new/")
    page.set_input_files("input[type=file]", paths[0])
    assert page.inner_text("#file-name") == "one.md"
    assert page.locator(".arrival").count() == 3, "One alone goes with the form."
    page.evaluate(DROP, [["three.txt", f"{WORDS} three"]])
    row(page, "three.txt").locator("a").wait_for()


def test_a_known_file_is_opened_or_brought_in_again(stack, open_library):
    page = open_library(stack.person())
    page.evaluate(DROP, [["words.txt", WORDS]])
    first = row(page, "words.txt").locator("a").get_attribute("href")
    page.get_by_role("button", name="Dismiss").click()
    page.evaluate(DROP, [["words.txt", WORDS]])
    open_it = page.get_by_role("link", name="Open it")
    assert open_it.get_attribute("href") == first
    assert "before" in row(page, "words.txt").locator(".arrival__state").inner_text()
    page.get_by_role("button", name="Bring in again").click()
    page.wait_for_selector(".arrival[data-state=done]")
    assert row(page, "words.txt").locator("a").get_attribute("href") != first
    wait_for(lambda: len(titles(page)) == 2, 20, "both are there")


def test_a_broken_connection_is_told_and_it_is_sent_again(stack, open_library):
    page = open_library(stack.person())
    page.route("**/documents/new/", lambda route: route.abort())
    page.evaluate(DROP, [["words.txt", WORDS]])
    row(page, "words.txt").get_by_text("did not get through").wait_for()
    page.unroute("**/documents/new/")
    page.get_by_role("button", name="Try again").click()
    row(page, "words.txt").locator("a").wait_for()


def test_who_was_signed_out_is_told(stack, open_library):
    page = open_library(stack.person())
    page.context.clear_cookies()
    page.evaluate(DROP, [["words.txt", WORDS]])
    row(page, "words.txt").get_by_text("You are signed out here").wait_for()


# --- pasting --------------------------------------------------------------------------------------


def test_an_address_is_pasted_and_the_page_brought_in(stack, open_library):
    page = open_library(stack.person())
    address = "http://127.0.0.1:9/an/article.html"
    with page.expect_request(lambda request: request.method == "POST") as sent:
        assert page.evaluate(PASTE, [f"  {address}\n", ""]) is False
    assert 'name="url"\r\n\r\n' + address in sent.value.post_data
    row(page, address).locator("a").wait_for()
    # This machine is not on the public web: the document says why it is empty.
    page.get_by_text("not on the public web").wait_for(timeout=20_000)
    said = row(page, address).locator(".arrival__state").inner_text()
    assert said == "Taken up: your library shows what comes of it"


def test_a_longer_text_is_asked_about_and_a_short_one_left_alone(stack, open_library):
    page = open_library(stack.person())
    assert page.evaluate(PASTE, ["A few words.", ""]) is True
    assert page.evaluate(PASTE, ["https://example.org/", "#sift-q"]) is True
    assert page.locator(".arrival").count() == 0
    page.evaluate(PASTE, [LONG_TEXT, ""])
    page.get_by_text("Bring in this text?", exact=True).wait_for()
    page.get_by_role("button", name="No: ").click()
    assert page.locator(".arrival").count() == 0
    page.evaluate(PASTE, [LONG_TEXT, ""])
    page.get_by_role("button", name="Bring it in").click()
    page.locator(".arrival a").wait_for()
    wait_for(lambda: len(titles(page)) == 1, 20, "it is in the library")


# --- renaming -------------------------------------------------------------------------------------


def test_a_document_is_renamed_in_its_place(stack, open_library, device):
    person = stack.person()
    for title in ("First", "Second"):
        stack.document(person, WORDS, title)
    page = open_library(person, **device)
    stays(page)
    page.get_by_role("button", name="Rename “First”").click()
    field = page.get_by_label("Title", exact=True).locator("visible=true")
    wait_for(lambda: field.evaluate("it => it === document.activeElement"), 10, "it has the focus")
    assert field.input_value() == "First"
    field.fill("   ")
    field.press("Enter")
    page.get_by_text("A document needs a title.").locator("visible=true").wait_for()
    field.fill("A better title")
    page.locator("[name=author]:visible").fill("Ann Author")
    page.get_by_role("button", name="Save").locator("visible=true").click()
    shows(page, ["Second", "A better title"])
    assert page.locator(".card__author").all_inner_texts() == ["Ann Author"]
    assert was_not_loaded_anew(page)
    focus = page.evaluate("document.activeElement.ariaLabel")
    assert focus == "Rename “A better title”"
    page.reload()
    shows(page, ["Second", "A better title"])


# --- deleting -------------------------------------------------------------------------------------


def test_a_document_is_deleted_and_taken_back(stack, open_library, device):
    person = stack.person()
    for n in range(12):
        stack.document(person, WORDS, f"Number {n}")
    page = open_library(person, **device)
    all_of_them = [f"Number {n}" for n in reversed(range(12))]
    shows(page, all_of_them)
    stays(page)
    page.get_by_role("button", name="Delete “Number 1”").click()
    shows(page, [title for title in all_of_them if title != "Number 1"])
    undo = page.locator(".messages").get_by_role("button", name="Undo")
    assert "“Number 1” was deleted." in page.inner_text(".messages")
    assert undo.evaluate("it => it === document.activeElement")
    assert undo.evaluate("it => it.getBoundingClientRect().bottom <= innerHeight")
    assert undo.evaluate("it => it.getBoundingClientRect().height >= 44")
    fits(page)
    undo.click()
    shows(page, all_of_them)
    assert "“Number 1” is back." in page.inner_text(".messages")
    assert page.evaluate("document.activeElement.textContent") == "Number 1"
    assert was_not_loaded_anew(page)


def test_what_was_deleted_stays_away_though_the_answer_for_another_comes_late(stack, open_library):
    person = stack.person()
    for n in range(4):
        stack.document(person, WORDS, f"Number {n}")
    page = open_library(person)
    late = []

    def hold_the_first(route):
        if late:
            route.continue_()
        else:
            late.append(route)
            late.append(route.fetch())

    page.route("**/delete/", hold_the_first)
    page.get_by_role("button", name="Delete “Number 0”").click()
    wait_for(lambda: page.evaluate("1") and len(late) == 2, 10, "the first is deleted")
    page.get_by_role("button", name="Delete “Number 1”").click()
    shows(page, ["Number 3", "Number 2"])
    late[0].fulfill(response=late[1])
    page.wait_for_timeout(1_500)
    shows(page, ["Number 3", "Number 2"])


def test_what_was_deleted_can_be_taken_back_after_the_message_is_gone(stack, open_library):
    person = stack.person()
    stack.document(person, WORDS, "My only one")
    page = open_library(person)
    page.get_by_role("button", name="Delete “My only one”").click()
    page.get_by_text("Nothing on the lectern yet").wait_for()
    page.goto("/settings/")
    page.goto("/")
    assert "deleted." not in page.inner_text("body")
    page.click("text=Just deleted (1)")
    page.get_by_role("button", name="Take back “My only one”").click()
    shows(page, ["My only one"])


def test_too_late_is_told_and_a_broken_connection_too(stack, open_library):
    from reader.models import Document

    person = stack.person()
    stack.document(person, WORDS, "A document")
    page = open_library(person)
    page.route("**/delete/", lambda route: route.abort())
    page.get_by_role("button", name="Delete “A document”").click()
    page.get_by_text("That did not get through").wait_for()
    shows(page, ["A document"])
    page.unroute("**/delete/")
    page.get_by_role("button", name="Delete “A document”").click()
    undo = page.locator(".messages").get_by_role("button", name="Undo")
    undo.wait_for()
    Document.objects.filter(owner__username=person).delete()
    undo.click()
    page.get_by_text("It is too late to take this back").wait_for()


def test_an_open_reading_page_hears_of_it(stack, open_library):
    person = stack.person()
    stack.prefer(person, stack.tones(), "tone-500")
    uuid = stack.document(person, WORDS, "A document")
    page = open_library(person)
    reading = page.context.new_page()
    closed = []

    def listen(socket) -> None:
        socket.on("close", lambda _: closed.append(time.monotonic()))

    reading.on("websocket", listen)
    reading.goto(f"/documents/{uuid}/")
    reading.wait_for_selector("#play:enabled")
    page.get_by_role("button", name="Delete “A document”").click()
    page.get_by_text("was deleted.").wait_for()

    def is_closed() -> bool:
        reading.wait_for_timeout(100)
        return bool(closed)

    wait_for(is_closed, 60, "the socket is closed")
    assert reading.goto(f"/documents/{uuid}/").status == 404


def test_all_of_it_works_without_scripts(stack, new_context):
    person = stack.person()
    for title in ("Apple", "Apricot", "Cherry", "Elderberry", "Fig", "Lime"):
        stack.document(person, WORDS, title)
    context = new_context(heard=False, java_script_enabled=False, **DESKTOP)
    page = context.new_page()
    sign_in_by_form(page, person)
    page.select_option("#sift-sort", "title")
    page.fill("#sift-q", "a")
    page.click("text=Show")
    assert titles(page) == ["Apple", "Apricot"]
    page.get_by_role("button", name="Delete “Apricot”").click()
    assert titles(page) == ["Apple"]
    assert "sort=title" in page.url
    page.locator(".messages").get_by_role("button", name="Undo").click()
    assert titles(page) == ["Apple", "Apricot"]
    page.get_by_role("button", name="Rename “Apple”").click()
    page.get_by_label("Title", exact=True).locator("visible=true").fill("Avocado")
    page.get_by_role("button", name="Save", exact=True).locator("visible=true").click()
    assert titles(page) == ["Apricot", "Avocado"]


# --- finding --------------------------------------------------------------------------------------


def test_the_library_is_sorted_and_sifted_in_place(stack, open_library, device):
    person = stack.person()
    for title in ("Banana bread", "Apple pie", "Cherry cake", "Dumplings", "Eclairs", "Fudge"):
        stack.document(person, WORDS * len(title), title)
    page = open_library(person, **device)
    stays(page)
    latest = ["Fudge", "Eclairs", "Dumplings", "Cherry cake", "Apple pie", "Banana bread"]
    by_title = sorted(latest)
    shows(page, latest)
    page.select_option("#sift-sort", "title")
    shows(page, by_title)
    assert page.url.endswith("/?sort=title")
    page.locator("#sift-q").press_sequentially("BAN")
    shows(page, ["Banana bread"])
    assert page.inner_text("#shelf-count") == "1 found"
    assert page.evaluate("document.activeElement.id") == "sift-q"
    page.fill("#sift-q", "zebra")
    page.get_by_text("Nothing here matches “zebra”.").wait_for()
    fits(page)
    page.click("text=Show all")
    shows(page, by_title)
    page.select_option("#sift-state", "finished")
    page.get_by_text("Nothing here matches finished.").wait_for()
    page.select_option("#sift-state", "new")
    shows(page, by_title)
    page.reload()
    assert page.input_value("#sift-state") == "new"
    shows(page, by_title)
    fits(page)
    sizes = page.evaluate(
        "[...document.querySelectorAll('.sift input, .sift select, .card__menu button')]"
        ".map(it => it.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44


def test_a_search_in_a_small_library_stays_while_one_types(stack, open_library, device):
    person = stack.person()
    for title in ("Banana bread", "Apple pie"):
        stack.document(person, WORDS, title)
    page = open_library(person, **device)
    assert page.locator("#sift").is_hidden()
    page.goto("/?q=ban")
    shows(page, ["Banana bread"])
    page.fill("#sift-q", "")
    shows(page, ["Apple pie", "Banana bread"])
    assert page.evaluate("document.activeElement.id") == "sift-q"
    assert page.locator("#sift").is_visible()
