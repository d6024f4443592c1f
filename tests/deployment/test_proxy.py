"""Caddy with the shipped Caddyfile in front of the real system: HTTPS, below a path of its own."""

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import sync_playwright
from websockets.sync.client import connect

from tests.browser.conftest import ARGUMENTS, chromium_path
from tests.browser.stack import ROOT, Stack, free_port, wait_for

pytestmark = pytest.mark.deployment
FRONT = "/lectern"
MB = 1024 * 1024


@dataclass(frozen=True)
class System:
    stack: Stack
    site: str
    second: subprocess.Popen
    second_log: Path


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    """The system with two web processes, and the proxy; its address."""
    folder = tmp_path_factory.mktemp("system")
    second, https = free_port(), free_port()
    site = f"https://localhost:{https}"
    stack = Stack(
        folder / "data",
        FORCE_SCRIPT_NAME=FRONT,
        BEHIND_TLS="yes",
        TRUSTED_PROXIES="127.0.0.1,::1",
        MAX_UPLOAD_MB="2",
        LOG_FORMAT="json",
    )
    stack.start()
    running = []
    try:
        redis = folder / "data/run/redis.sock"
        environment = {
            **os.environ,
            **stack.variables,
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": "",
            "SECRET_KEY": settings.SECRET_KEY,
            "SPEECH_ENGINES": "tone=tests.tone.ToneEngine",
            "REDIS_URL": f"unix://{redis.resolve()}",
            "PORT": str(second),
        }
        with (folder / "web.log").open("wb") as log:
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "config.run", "--only", "web"],
                    cwd=ROOT,
                    env=environment,
                    stdout=log,
                    stderr=log,
                )
            )
        with (folder / "caddy.log").open("wb") as log:
            running.append(
                subprocess.Popen(
                    [
                        "caddy",
                        "run",
                        "--config",
                        ROOT / "deploy/Caddyfile",
                        "--adapter",
                        "caddyfile",
                    ],
                    env={
                        **os.environ,
                        "SITE": site,
                        "HTTP_PORT": str(free_port()),
                        "MAX_BODY": "4MB",
                        "UPSTREAM": f"127.0.0.1:{stack.port} 127.0.0.1:{second}",
                        "XDG_DATA_HOME": str(folder / "caddy"),
                        "XDG_CONFIG_HOME": str(folder / "caddy"),
                    },
                    stdout=log,
                    stderr=log,
                )
            )
        wait_for(lambda: is_open(second) and is_open(https), 60, "web and proxy answer")
        # Whoever did not answer yet at the proxy's first look is asked for nothing until its next.
        web_log = folder / "web.log"
        wait_for(lambda: "/healthz" in web_log.read_text(), 30, "the proxy knows both")
        yield System(stack, site, running[0], folder / "web.log")
    finally:
        for process in running:
            process.terminate()
            process.wait(20)
        stack.stop()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def context(system):
    """A browser that is signed in by the link of the first start."""
    stack, site = system.stack, system.site
    link = re.search(r"by this link: \S+?(/lectern/\S+)", stack.output.read_text())[1]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        context = browser.new_context(base_url=site, ignore_https_errors=True, bypass_csp=True)
        page = context.new_page()
        page.goto(link)
        page.wait_for_url(re.compile(f"{site}{FRONT}/.*"))
        page.close()
        yield context
        browser.close()


def test_a_document_is_heard_through_the_proxy(system, context):
    page = context.new_page()
    sockets, wrong = [], []
    page.on("websocket", lambda ws: sockets.append(ws.url))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.goto(f"{FRONT}/")
    page.locator(".card a").first.click()
    page.wait_for_url(re.compile(rf".*{FRONT}/documents/.*"))
    page.click("#play")
    page.wait_for_function("/Playing/.test(document.getElementById('status').textContent)")
    assert sockets[0].startswith(f"{system.site.replace('https', 'wss')}{FRONT}/ws/documents/")
    assert wrong == []
    page.close()


def test_browsers_are_told_to_stay_with_https(system, context):
    answer = context.request.get(f"{FRONT}/")
    assert answer.status == 200
    assert "max-age=31536000" in answer.headers["strict-transport-security"]
    cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    assert cookies["sessionid"]["secure"]
    assert cookies["sessionid"]["path"] == f"{FRONT}/"


def test_an_upload_at_the_limit_is_taken_and_one_beyond_is_told(context):
    assert upload(context, 2 * MB - 20_000).url.endswith("/")
    beyond = upload(context, 3 * MB)
    assert beyond.status == 413
    assert "2 MB" in beyond.text()
    assert upload(context, 6 * MB).status == 413


def upload(context, size: int):
    page = context.new_page()
    page.goto(f"{FRONT}/documents/new/")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    address = page.url
    page.close()
    line = b"A line of a text that is long enough to be read.\n\n"
    content = (line * (size // len(line) + 1))[:size]
    return context.request.post(
        f"{FRONT}/documents/new/",
        headers={"Referer": address},
        multipart={
            "csrfmiddlewaretoken": token,
            "file": {"name": "a.txt", "mimeType": "text/plain", "buffer": content},
        },
    )


# --- two web processes, and nobody is kept at one -------------------------------------------------


def test_pages_at_different_web_processes_hear_of_each_other(system, context):
    uuid = document(context)
    with ExitStack() as opened:
        pages = [opened.enter_context(socket_of(system, context, uuid)) for _ in range(6)]
        for page in pages:
            assert next_of(page, "ready")["document_id"] == uuid
        for log in (system.stack.output, system.second_log):
            assert log.read_text().count('"session.opened"') >= 1, log
        say(pages[0], type="save_position", block_idx=3, offset_ms=40, playing=True)
        for page in pages[1:]:
            assert next_of(page, "position")["block_idx"] == 3
        for page in pages:  # one of them has it made, by a worker that knows of no page
            say(page, type="synthesize", block_indices=[4], retry=False)
        heard = set()
        for page in pages:
            while (status := next_of(page, "status"))["status"] != "cached":
                assert status["block_idx"] == 4
            heard.add(status["audio_url"])
        assert len(heard) == 1
    sounds = [context.request.get(f"{system.site}{heard.copy().pop()}").body() for _ in range(4)]
    assert len(sounds[0]) > 1000
    assert len(set(sounds)) == 1, "Either of them has the sound, and it is the same."


def test_a_stream_over_http_takes_what_comes_to_the_other_process(system, context):
    uuid = document(context)
    headers = {"Cookie": cookies_of(context), "Origin": system.site}
    stream = connection(system)
    stream.request("GET", f"{FRONT}/events/", headers=headers)
    answer = stream.getresponse()
    assert answer.status == 200
    name = next_event(answer)["stream"]
    token = {cookie["name"]: cookie["value"] for cookie in context.cookies()}["csrftoken"]

    def post(first: int, message: dict) -> int:
        # The proxy chooses who has the fewest connections: that is not who has the stream.
        line = connection(system)
        body = json.dumps({"stream": name, "first": first, "messages": [message]})
        sent = {**headers, "X-CSRFToken": token, "Referer": f"{system.site}{FRONT}/"}
        line.request("POST", f"{FRONT}/events/messages/", body=body, headers=sent)
        return line.getresponse().status

    assert post(0, {"page": "a", "open": {"document": uuid}}) == 204
    assert next_event(answer) == {"page": "a", "open": True}
    assert json.loads(next_event(answer)["text"])["type"] == "ready"
    for n in range(1, 6):
        assert post(n, {"page": "a", "text": '{"type":"ping"}'}) == 204
        assert json.loads(next_event(answer)["text"])["type"] == "pong"
    stream.close()


def document(context) -> str:
    """Return the document that was there from the first start on: later ones are being imported."""
    page = context.new_page()
    page.goto(f"{FRONT}/")
    link = page.locator(".card").last.locator("a").first.get_attribute("href")
    page.close()
    return re.search(r"/documents/([-0-9a-f]{36})/", link)[1]


def cookies_of(context) -> str:
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in context.cookies())


def socket_of(system: System, context, uuid: str):
    return connect(
        f"{system.site.replace('https', 'wss')}{FRONT}/ws/documents/{uuid}/",
        additional_headers={"Cookie": cookies_of(context)},
        origin=system.site,
        ssl=trusting(),
        proxy=None,
    )


def trusting() -> ssl.SSLContext:
    """Take the certificate that the proxy made for this run."""
    trusted = ssl.create_default_context()
    trusted.check_hostname, trusted.verify_mode = False, ssl.CERT_NONE
    return trusted


def connection(system: System) -> http.client.HTTPSConnection:
    place = urlsplit(system.site).netloc
    return http.client.HTTPSConnection(place, timeout=30, context=trusting())


def say(page, **message) -> None:
    page.send(json.dumps(message))


def next_of(page, kind: str) -> dict:
    while (message := json.loads(page.recv(30)))["type"] != kind:
        assert message["type"] != "error", message
    return message


def next_event(answer) -> dict:
    """Return the next event of a stream; comments and numbers are not for us."""
    while not (line := answer.readline()).startswith(b"data: "):
        assert line, "The stream has ended."
    return json.loads(line[len(b"data: ") :])


def test_one_web_process_may_go(system, context):
    """Whoever is signed in at one is at the other."""
    system.second.terminate()
    system.second.wait(30)
    deadline = time.monotonic() + 30
    answers = []
    while time.monotonic() < deadline and len(answers) < 20:
        try:
            answers.append(context.request.get(f"{FRONT}/", max_redirects=0).status)
        except urllib.error.URLError:
            answers.append(0)
    assert answers[-10:] == [200] * 10


def test_the_log_is_json(system):
    lines = [line for line in system.stack.output.read_text().splitlines() if '"event"' in line]
    assert any('"level"' in line and '"timestamp"' in line for line in lines)
