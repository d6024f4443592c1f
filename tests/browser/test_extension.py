"""The extension in a real Chromium: a page behind a login arrives as its article, and plays."""

from __future__ import annotations

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reader.models import Block, Document, User
from reader.services.tokens import make_token

from .conftest import ARGUMENTS, WITNESS, chromium_path, sign_in
from .listening import ReadingPage
from .stack import wait_for

EXTENSION = Path(__file__).parents[2] / "extension"
ARTICLE = """<!doctype html><title>Members only</title>
<style>.gone { display: none }</style>
<nav><a href="/">Home</a> <a href="/shop">Shop for everything</a></nav>
<main><article><h1>What the members know</h1>
<p>The lighthouse was built by hand, and nobody has ever told how long it took.</p>
<p class="gone">This is hidden by a style sheet, and nobody reads it on the page at all.</p>
<p id="last">In the end the keeper put out the lamp, and walked down to the sea.</p>
</article></main>"""

# What the browser keeps is there when the test says so.
SLOW_STORAGE = """{
  const get = chrome.storage.local.get.bind(chrome.storage.local);
  const held = new Promise((release) => { globalThis.release = release; });
  chrome.storage.local.get = (keys) => held.then(() => get(keys));
}"""


class Members(BaseHTTPRequestHandler):
    """A site that shows its article to who is signed in."""

    def do_GET(self) -> None:
        is_member = "member=yes" in self.headers.get("Cookie", "")
        body = (ARTICLE if is_member else "<title>Sign in</title><p>Sign in first.</p>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.path == "/login":
            self.send_header("Set-Cookie", "member=yes; Path=/; HttpOnly")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site():
    http = ThreadingHTTPServer(("127.0.0.1", 0), Members)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{http.server_address[1]}"
    http.shutdown()
    http.server_close()


@pytest.fixture
def extended(stack, chromium, tmp_path):
    """A browser of its own with the extension in it.

    A press on its button, which no program can do, lets it into the tab: here it may into all.
    """
    copy = tmp_path / "extension"
    shutil.copytree(EXTENSION, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["host_permissions"] = manifest.pop("optional_host_permissions")
    (copy / "manifest.json").write_text(json.dumps(manifest))
    context = chromium.browser_type.launch_persistent_context(
        str(tmp_path / "profile"),
        executable_path=chromium_path(),
        headless=False,
        bypass_csp=True,
        base_url=stack.url,
        ignore_default_args=["--disable-extensions"],
        args=[
            *ARGUMENTS,
            "--headless=new",
            # The press was in the popup, and the witness in the page hears nothing before one.
            "--autoplay-policy=no-user-gesture-required",
            "--disable-features=DisableLoadExtensionCommandLineSwitch",
            f"--disable-extensions-except={copy}",
            f"--load-extension={copy}",
        ],
    )
    context.add_init_script(path=WITNESS)
    yield context
    context.close()


@pytest.fixture
def worker(extended):
    """The extension's own script in the background."""
    running = extended.service_workers
    return running[0] if running else extended.wait_for_event("serviceworker")


@pytest.fixture
def person(stack):
    person, tones = stack.person(), stack.tones(ms_per_character=20)
    stack.prefer(person, tones, "tone-300")
    return person


def set_up(extended, worker, stack, person) -> str:
    """Tell the extension where Lectern is, as a person does; return the address of its pages."""
    base = worker.url.rpartition("/")[0]
    owner = User.objects.get(username=person)
    _, key = make_token(user=owner, name="browser", scopes=["read", "write"])
    options = extended.new_page()
    options.add_init_script(SLOW_STORAGE)
    options.goto(f"{base}/options.html")
    options.fill("#server", stack.url + "/somewhere")
    options.fill("#token", "nonsense")
    options.evaluate("release()")  # what was kept does not replace what was typed meanwhile
    options.wait_for_timeout(100)
    options.click("button[type=submit]")
    options.wait_for_selector("#words.bad")
    options.fill("#token", key)
    options.click("button[type=submit]")
    options.wait_for_function("document.getElementById('words').textContent.startsWith('It works')")
    return base


def popup_over(extended, worker, base, site):
    """The extension's window, as it opens over the page of the site."""
    tab = worker.evaluate(
        "async (url) => (await chrome.tabs.query({ url: url + '/*' }))[0].id", site
    )
    popup = extended.new_page()
    popup.goto(f"{base}/popup.html?tab={tab}")
    return popup


def imported(person: str) -> tuple[Document, list[str]]:
    document = wait_for(
        lambda: Document.objects.filter(owner__username=person, status="ready").first(),
        60,
        "it is imported",
    )
    return document, list(Block.objects.filter(document=document).values_list("text", flat=True))


def test_a_page_behind_a_login_arrives_as_its_article_and_plays(
    stack, extended, worker, person, site
):
    base = set_up(extended, worker, stack, person)
    # A page that Lectern itself could not fetch.
    page = extended.new_page()
    page.goto(f"{site}/")
    assert page.inner_text("body") == "Sign in first."
    page.goto(f"{site}/login")
    page.goto(f"{site}/article")
    sign_in(page, person)
    popup = popup_over(extended, worker, base, site)
    assert popup.is_hidden("#selection")
    with extended.expect_page() as opened:
        popup.click("#page")
    document, texts = imported(person)
    assert (document.title, document.address) == ("Members only", f"{site}/article")
    assert texts[:3] == [
        "What the members know",
        "The lighthouse was built by hand, and nobody has ever told how long it took.",
        "In the end the keeper put out the lamp, and walked down to the sea.",
    ]
    assert not [text for text in texts if "hidden" in text or "Shop" in text]
    reading = ReadingPage(opened.value)
    reading.page.wait_for_url(lambda url: f"/documents/{document.uuid}/" in url)
    reading.page.wait_for_selector("#play")
    reading.hears(300, 30, since=0)
    reading.waits_for(lambda: reading.current == 2, 30, "it is read to its last paragraph")


def test_what_is_selected_is_sent_alone(stack, extended, worker, person, site):
    base = set_up(extended, worker, stack, person)
    page = extended.new_page()
    page.goto(f"{site}/login")
    page.goto(f"{site}/article")
    page.evaluate("getSelection().selectAllChildren(document.getElementById('last'))")
    sign_in(page, person)
    popup = popup_over(extended, worker, base, site)
    with extended.expect_page() as opened:
        popup.click("#selection")
    document, texts = imported(person)
    assert texts == ["In the end the keeper put out the lamp, and walked down to the sea."]
    assert document.title == "Members only"
    reading = ReadingPage(opened.value)
    reading.page.wait_for_selector("#play")
    reading.hears(300, 30, since=0)


def test_the_manifest_is_what_chromium_and_firefox_take():
    manifest = json.loads((EXTENSION / "manifest.json").read_text())
    assert set(manifest) == {
        "manifest_version", "name", "version", "description", "icons", "permissions",
        "optional_host_permissions", "action", "options_ui", "background",
        "browser_specific_settings",
    }  # fmt: skip
    assert manifest["manifest_version"] == 3
    assert len(manifest["description"]) <= 132  # Chromium's store takes no more
    # Firefox: modules as background scripts, an id, and what is collected.
    assert manifest["background"]["type"] == "module"
    assert manifest["background"]["scripts"] == [manifest["background"]["service_worker"]]
    gecko = manifest["browser_specific_settings"]["gecko"]
    assert "@" in gecko["id"]
    assert gecko["data_collection_permissions"]["required"]
    assert int(gecko["strict_min_version"].partition(".")[0]) >= 140
    assert "host_permissions" not in manifest  # it asks when it is set up
    named = [
        *manifest["icons"].values(), manifest["action"]["default_popup"],
        manifest["options_ui"]["page"], *manifest["background"]["scripts"],
    ]  # fmt: skip
    for page in EXTENSION.glob("*.html"):
        text = page.read_text()
        assert "<script>" not in text  # its policy runs none
        assert " on" + "click" not in text
        named += [part.partition('"')[0] for part in text.split('src="')[1:]]
    for script in EXTENSION.glob("*.js"):
        text = script.read_text()
        assert "eval(" not in text
        assert "innerHTML" not in text
        named += [part.partition('"')[0] for part in text.split('from "')[1:]]
    for name in named:
        assert (EXTENSION / name).is_file(), name
