"""Run a checkout with no network but loopback, use it as its first user would, and stop it.

``unshare -n python alone.py CHECKOUT FOLDER``; prints what it saw as JSON.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, WITNESS, chromium_path
from tests.browser.listening import ReadingPage
from tests.browser.stack import free_port, wait_for

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
PARAGRAPHS = "\n\n".join(f"Paragraph number {n} is read." for n in range(1, 31))


def main(checkout: Path, folder: Path) -> None:
    bring_up_loopback()
    home = folder / "home"
    home.mkdir()
    output, data, port = folder / "output", folder / "data", free_port()
    marker = f"LECTERN_ALONE={port}"
    with output.open("wb") as file:
        make = subprocess.Popen(
            ["make", "run", f"PORT={port}", f"DATA_DIR={data}"],
            cwd=checkout,
            env={"HOME": str(home), "PATH": os.environ["PATH"], "LECTERN_ALONE": str(port)},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    said = wait_for(
        lambda: re.search(r"once, by this link: (\S+)", output.read_text()),
        300,
        "make run prints a sign-in",
    )
    seen = listen(f"http://127.0.0.1:{port}", said[1])
    os.killpg(make.pid, signal.SIGINT)
    make.wait(30)
    time.sleep(1)
    seen["processes left"] = [pid for pid in processes() if marker in environment_of(pid)]
    seen["sockets left"] = [str(path) for path in folder.rglob("*") if path.is_socket()]
    seen["reached outside"] = can_reach_outside()
    print(json.dumps(seen))


def listen(url: str, link: str) -> dict[str, object]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        context = browser.new_context(base_url=url, bypass_csp=True)
        context.add_init_script(path=WITNESS)
        page = context.new_page()
        page.goto(link)
        page.goto("/documents/new/")
        page.fill("[name=text]", PARAGRAPHS)
        page.click("main form button[type=submit]")
        page.wait_for_selector("#play:enabled")
        page.evaluate("witness.started")
        reading = ReadingPage(page)
        reading.waits_for(lambda: page.locator(".block").count() == 30, 20, "30 blocks")
        reading.play()
        reading.waits_for(lambda: "inished" in reading.status, 240, "it has finished")
        seen = {
            "blocks": reading.blocks_read(),
            "silences": reading.silences_between_blocks(),
            "words": len(reading.words_lit()),
            "voice": page.inner_text("#voice").strip(),
        }
        browser.close()
        return seen


def bring_up_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        answer = fcntl.ioctl(probe, SIOCGIFFLAGS, request)
        flags = struct.unpack("16sH14s", answer)[1] | IFF_UP
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", flags, b""))


def can_reach_outside() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; fails where there is no route
        except OSError:
            return False
        return True


def processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def environment_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
