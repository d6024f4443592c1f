"""A text is read while it is written: in order, nothing twice, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import threading
import time
import urllib.request

import pytest

from reader.models import Document, User
from reader.services.tokens import make_token

from .stack import wait_for

pytestmark = pytest.mark.long

SENTENCES = [
    f"The keeper of the lighthouse wrote line {n} of his long log. "
    + ("\n\n" if n % 5 == 4 else "")
    for n in range(24)
]
STORY = "".join(SENTENCES)


class Writer:
    """Writes a text in single words, half sentences and bursts, through the API."""

    def __init__(self, stack, person: str) -> None:
        _, self._key = make_token(
            user=User.objects.get(username=person), name="writer", scopes=["write"]
        )
        self._url = f"{stack.url}/api/v1/documents"
        self.uuid = self._send("", {"growing": True, "title": "A log"})["uuid"]
        self._pieces = list(self._cut(200))

    def _cut(self, count: int):
        chosen = random.Random(4)
        cuts = sorted(chosen.sample(range(1, len(STORY)), count - 1))
        for first, last in zip([0, *cuts], [*cuts, len(STORY)], strict=True):
            yield STORY[first:last]

    def write(self, count: int, *, seconds: float) -> threading.Thread:
        """Write so many pieces in the background, spread over so many seconds."""
        pieces, self._pieces = self._pieces[:count], self._pieces[count:]

        def run() -> None:
            for piece in pieces:
                self._send(f"/{self.uuid}/append", {"text": piece})
                time.sleep(seconds / count)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def finish(self) -> None:
        self._send(f"/{self.uuid}/append", {"finished": True})

    def _send(self, path: str, content: object) -> dict:
        request = urllib.request.Request(
            self._url + path,
            json.dumps(content).encode(),
            {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


def is_in_order(blocks: list[int]) -> bool:
    return blocks == list(range(blocks[0], blocks[0] + len(blocks)))


def test_two_hundred_pieces_are_read_along(stack, open_page):
    person, tones = stack.person(), stack.tones(ms_per_character=18)
    stack.prefer(person, tones, "tone-300", pause_ms=0, sentence_pause_ms=0, rewind_ms=0)
    writer = Writer(stack, person)
    page = open_page(person, writer.uuid)
    writing = writer.write(70, seconds=7)
    page.page.wait_for_selector("#block-0", timeout=30_000)
    page.play()
    page.hears(300, 20, since=0)
    writing.join(90)
    page.waits_for(lambda: len(page.blocks_read()) > 4, 60, "it goes on as it is written")
    assert is_in_order(page.blocks_read()), page.blocks_read()
    # Reload, and go on; another device sees the same.
    at = page.current
    page.page.reload()
    page.page.wait_for_selector("#play")
    page.page.evaluate("witness.started")
    writing = writer.write(70, seconds=7)
    page.play()
    second = open_page(person, writer.uuid)
    page.waits_for(lambda: len(page.blocks_read()) > 3, 60, "it goes on after the reload")
    assert at - 1 <= page.blocks_read()[0] <= at + 1
    # The voice is changed, and the processes that speak are killed.
    changed = page.choose_voice("tone-500", tones)
    page.hears(500, 30, since=changed)
    for pid in stack.pool_children():
        os.kill(pid, signal.SIGKILL)
    writing.join(90)
    writer.write(60, seconds=5).join(90)
    writer.finish()
    document = Document.objects.get(uuid=writer.uuid)
    assert (document.status, document.growing) == ("ready", False)
    count = document.block_count
    texts = " ".join(document.blocks.values_list("text", flat=True))
    assert re.findall(r"\w+", texts) == re.findall(r"\w+", STORY)
    wait_for(lambda: second.page.locator(f"#block-{count - 1}").count(), 30, "the other device")
    page.waits_for(lambda: page.blocks_read()[-1] == count - 1, 120, "it is read to its end")
    read = page.blocks_read()
    assert is_in_order(list(dict.fromkeys(read))), read
    # The block in which the voice was changed begins again; nothing else does.
    assert len(read) - len(set(read)) <= 1, read
    assert 300 not in page.tones(changed + 500)
