"""Caddy with the shipped Caddyfile in front of the real system: HTTPS, below a path of its own."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error

import pytest
from django.conf import settings
from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, chromium_path
from tests.browser.stack import ROOT, Stack, free_port, wait_for

pytestmark = pytest.mark.deployment
FRONT = "/lectern"
MB = 1024 * 1024


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
        yield stack, site, running[0]
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
    stack, site, _ = system
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
    _, site, _ = system
    assert sockets[0].startswith(f"{site.replace('https', 'wss')}{FRONT}/ws/documents/")
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


def test_one_web_process_may_go(system, context):
    """Whoever is signed in at one is at the other."""
    _, _, second = system
    second.terminate()
    second.wait(30)
    deadline = time.monotonic() + 30
    answers = []
    while time.monotonic() < deadline and len(answers) < 20:
        try:
            answers.append(context.request.get(f"{FRONT}/", max_redirects=0).status)
        except urllib.error.URLError:
            answers.append(0)
    assert answers[-10:] == [200] * 10


def test_the_log_is_json(system):
    stack, *_ = system
    lines = [line for line in stack.output.read_text().splitlines() if '"event"' in line]
    assert any('"level"' in line and '"timestamp"' in line for line in lines)
