"""What was heard is kept in the browser: for this person, and no longer than they like."""

from __future__ import annotations

import re
from itertools import groupby

import pytest
from playwright.sync_api import Page

from .conftest import sign_in
from .listening import ReadingPage
from .stack import wait_for

PAGE = "/settings/sounds/"
TEXT = "\n\n".join(f"Paragraph {n} is read aloud here." for n in range(3))
NAMES = """async () => [
  ...await caches.keys(), ...(await indexedDB.databases()).map(({ name }) => name),
].filter((name) => name.startsWith("lectern-sounds-")).sort()"""
KEPT = """async () => {
  const urls = [];
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) urls.push(new URL(url).pathname);
  }
  return urls.sort();
}"""
# Another sound, or none, in place of each: as it may be after a crash or a full disk.
DAMAGE = """async (isNoted) => {
  const [name] = await caches.keys();
  const cache = await caches.open(name);
  const database = await new Promise((resolve) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
  });
  const hex = (bytes) =>
    Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");
  for (const { url } of await cache.keys()) {
    const path = new URL(url).pathname;
    if (path.endsWith("/marks/")) continue;
    const old = await (await cache.match(url)).blob();
    const blob = new Blob([new Uint8Array(old.size).fill(7)], { type: old.type });
    await cache.put(url, new Response(blob));
    if (!isNoted) continue;
    const hash = hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
    await new Promise((resolve) => {
      const transaction = database.transaction("entries", "readwrite");
      const store = transaction.objectStore("entries");
      const request = store.get(path);
      request.onsuccess = () => store.put({ ...request.result, hash });
      transaction.oncomplete = resolve;
    });
  }
  database.close();
}"""


def names(page: Page) -> list[str]:
    """Return the caches and databases of sound in this browser."""
    return page.evaluate(NAMES)


def sounds(page: Page) -> list[str]:
    return [url for url in page.evaluate(KEPT) if not url.endswith("/marks/")]


def marks(page: Page) -> list[str]:
    return [url for url in page.evaluate(KEPT) if url.endswith("/marks/")]


def finish(reading: ReadingPage) -> None:
    reading.waits_for(lambda: "inished" in reading.status, 60, "it has finished")


def hear_all(reading: ReadingPage, count: int = 3) -> None:
    """Listen to the end, and wait until all of it is kept."""
    reading.play()
    finish(reading)
    page = reading.page
    wait_for(lambda: len(sounds(page)) == len(marks(page)) == count, 20, "it is kept")


def requests_for_sound(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: "/audio/" in request.url and asked.append(request.url))
    return asked


def again(reading: ReadingPage) -> ReadingPage:
    """Open the document anew, in the same browser, and go to its first block."""
    uuid = reading.page.url.rstrip("/").rsplit("/", 1)[-1]
    reading = ReadingPage.open(reading.page, uuid)
    for _ in range(2):
        reading.page.keyboard.press("ArrowLeft")
    reading.waits_for(lambda: reading.current == 0, 10, "it is at the beginning")
    return reading


@pytest.fixture
def listener(stack) -> tuple[str, str]:
    """A person, and the model whose voice they hear."""
    person, model = stack.person(), stack.tones(ms_per_character=40, first_ms=50, pace=2)
    stack.prefer(person, model, "tone-500")
    return person, model


@pytest.fixture
def heard(stack, listener, open_page) -> ReadingPage:
    """A document that was heard while it was made, to its end."""
    person, _ = listener
    reading = open_page(person, stack.document(person, TEXT, "A book to keep"))
    hear_all(reading)
    return reading


def test_what_was_heard_live_is_kept_and_heard_again_without_the_server(heard):
    page = heard.page
    asked = requests_for_sound(page)
    page.route(re.compile("/audio/"), lambda route: route.abort())
    reading = again(heard)
    reading.play()
    finish(reading)
    assert asked == []
    assert reading.tones() == {500}
    assert reading.blocks_read()[-3:] == [0, 1, 2]
    # One that is lit anew while it is heard counts once.
    lit = [word for word, _ in groupby(reading.words_lit())]
    assert [word for word in lit if word] == re.findall(r"\w+", TEXT)


def test_what_was_made_before_is_kept_too(stack, listener, heard, open_page):
    """Another browser of the same person fetches stored sounds."""
    person, _ = listener
    other = open_page(person, heard.page.url.rstrip("/").rsplit("/", 1)[-1])
    hear_all(again(other))
    assert sounds(other.page) == sounds(heard.page)
    asked = requests_for_sound(other.page)
    reading = again(other)
    reading.play()
    finish(reading)
    assert asked == []


@pytest.mark.parametrize("is_noted", [False, True], ids=["other bytes", "cannot be decoded"])
def test_a_damaged_sound_is_fetched_again_unnoticed(heard, is_noted):
    page = heard.page
    page.evaluate(DAMAGE, is_noted)
    asked = requests_for_sound(page)
    reading = again(heard)
    reading.play()
    finish(reading)
    assert len({url for url in asked if not url.endswith("/marks/")}) == 3
    assert reading.tones() == {500}
    assert reading.blocks_read()[-3:] == [0, 1, 2]
    asked.clear()
    wait_for(lambda: len(sounds(page)) == 3, 20, "it is kept anew")
    reading = again(reading)
    reading.play()
    finish(reading)
    assert asked == []


def test_another_voice_is_never_heard_from_here(listener, heard):
    _, model = listener
    reading = again(heard)
    reading.play()
    reading.hears(500, 15, since=0)
    changed = reading.choose_voice("tone-1100", model)
    reading.hears(1100, 20, since=changed)
    finish(reading)
    assert 500 not in reading.tones(changed + 60)


def test_no_more_is_kept_than_the_limit(stack, listener, open_page):
    """The oldest of all, which takes nearly all the room there is, makes place."""
    from reader.models import User

    person, _ = listener
    User.objects.filter(username=person).update(kept_sounds_mb=1)
    reading = open_page(person, stack.document(person, TEXT))
    hear_all(reading)
    reading.page.evaluate(
        """async () => {
          const [name] = await caches.keys();
          const old = indexedDB.open(name);
          await new Promise((resolve) => (old.onsuccess = resolve));
          const transaction = old.result.transaction("entries", "readwrite");
          const entry = { url: "/audio/old/1/", document: "old", heard: 1, bytes: 999_000 };
          transaction.objectStore("entries").put({ ...entry, hash: "", silence: [0, 0] });
          await new Promise((resolve) => (transaction.oncomplete = resolve));
          old.result.close();
          const blob = new Blob([new Uint8Array(999_000)]);
          await (await caches.open(name)).put(entry.url, new Response(blob));
        }"""
    )
    uuid = stack.document(person, "One more paragraph is read aloud.")
    other = ReadingPage.open(reading.page, uuid)
    other.play()
    finish(other)
    wait_for(lambda: "/audio/old/1/" not in sounds(other.page), 20, "the oldest is gone")
    wait_for(lambda: len(sounds(other.page)) == 4, 20, "the rest is there")


def test_with_no_limit_to_fill_nothing_is_kept(stack, listener, open_page):
    from reader.models import User

    person, _ = listener
    User.objects.filter(username=person).update(kept_sounds_mb=0)
    reading = open_page(person, stack.document(person, TEXT))
    reading.play()
    finish(reading)
    assert names(reading.page) == []
    reading.page.goto(PAGE)
    assert reading.page.inner_text("#kept-total") == "Nothing is kept, as you chose."


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["desktop", "phone"])
def test_the_page_shows_what_is_kept_and_clears_it(stack, listener, open_page, size):
    person, _ = listener
    viewport = {"width": size[0], "height": size[1]}
    reading = open_page(person, stack.document(person, TEXT, "A book to keep"), viewport=viewport)
    hear_all(reading)
    hear_all(again(reading))
    other = stack.document(person, "One more paragraph.", "A leaflet with a rather long name")
    hear_all(ReadingPage.open(reading.page, other), 4)
    page = reading.page
    page.goto("/settings/")
    page.click("text=Sound kept in this browser")
    page.wait_for_selector("#kept")
    assert re.fullmatch(r"4 sounds, 0\.\d\d of 200 MB", page.inner_text("#kept-total"))
    assert "7 sounds that you heard, 3 came from here: 43 %" in page.inner_text("#kept-rate")
    rows = page.locator("#kept-documents tbody tr")
    assert [re.split(r"\s*\t", row)[:2] for row in rows.all_inner_texts()] == [
        ["A book to keep", "3"],
        ["A leaflet with a rather long name", "1"],
    ]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Clear the sound of A book to keep").click()
    page.wait_for_function("document.querySelectorAll('#kept-documents tbody tr').length === 1")
    assert page.inner_text("#kept-total").startswith("1 sound, ")
    assert len(sounds(page)) == 1
    page.get_by_role("button", name="Clear all").click()
    page.wait_for_function(
        "document.getElementById('kept-total').textContent.startsWith('0 sounds')"
    )
    assert sounds(page) == []
    assert not page.is_visible("#kept-documents")
    assert page.inner_text("#kept-rate") == ""
    page.fill("[name=kept_sounds_mb]", "25")
    page.click("main button[type=submit]")
    page.wait_for_function("document.getElementById('kept-total')?.textContent.endsWith('25 MB')")


def test_what_is_kept_of_a_document_that_is_gone_goes_too(heard):
    from reader.models import Document

    Document.objects.filter(uuid=heard.page.url.rstrip("/").rsplit("/", 1)[-1]).delete()
    page = heard.page
    page.goto(PAGE)
    page.wait_for_selector("#kept")
    assert page.inner_text("#kept-total").startswith("0 sounds")
    assert page.evaluate(KEPT) == []


def test_the_page_says_when_the_browser_cannot_keep_anything(stack, new_context):
    page = new_context().new_page()
    page.add_init_script("delete Window.prototype.caches; delete window.caches;")
    sign_in(page, stack.person())
    page.goto(PAGE)
    page.wait_for_selector("#kept-cannot")
    assert "keeps no sound" in page.inner_text("#kept-cannot")
    assert not page.is_visible("#kept")


def sign_out(page: Page) -> None:
    page.click("[aria-label='Your account']")
    page.click("text=Sign out")
    page.wait_for_url("**/accounts/login/")


def test_signing_out_clears_it(heard):
    page = heard.page
    assert len(names(page)) == 2  # a cache and a database
    page.goto("/")
    sign_out(page)
    wait_for(lambda: names(page) == [], 20, "nothing is kept")


def test_the_answer_to_signing_out_clears_it_by_itself(heard):
    page = heard.page
    page.context.route("**/nobody*.js", lambda route: route.abort())
    page.goto("/")
    sign_out(page)
    wait_for(lambda: names(page) == [], 20, "nothing is kept")


def test_the_sign_in_page_clears_it_by_itself(heard):
    """As when a session has ended by itself."""
    page = heard.page
    page.context.clear_cookies()
    page.goto("/")
    page.wait_for_url("**/accounts/login/**")
    wait_for(lambda: names(page) == [], 20, "nothing is kept")


def test_a_page_that_is_still_open_keeps_nothing_after_signing_out(stack, listener, open_page):
    person, _ = listener
    reading = open_page(person, stack.document(person, "A sentence is read aloud. " * 8))
    reading.play()
    reading.hears(500, 15, since=0)
    other = reading.page.context.new_page()
    other.goto("/")
    sign_out(other)
    reading.waits_for(lambda: "signed out" in reading.status, 20, "it is told")
    wait_for(lambda: names(other) == [], 20, "nothing is kept")


def test_another_person_in_the_same_browser_finds_nothing(stack, heard):
    """Even if nobody signed out and no sign-in page was seen: a page of theirs forgets the rest."""
    page, mine = heard.page, names(heard.page)
    bob = stack.person()
    elsewhere = page.context.browser.new_context(base_url=stack.url)
    sign_in(elsewhere.new_page(), bob)
    page.context.clear_cookies()
    page.context.add_cookies(elsewhere.cookies())
    elsewhere.close()
    page.goto(PAGE)
    page.wait_for_selector("#kept")
    assert page.inner_text("#kept-total").startswith("0 sounds")
    wait_for(lambda: not set(mine) & set(names(page)), 20, "what is not theirs is gone")
