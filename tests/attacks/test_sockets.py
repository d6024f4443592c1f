"""A hundred hostile sockets, and one listener who notices nothing of them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from django.test import Client

from tests.conftest import make_document
from tests.faults.listener import Listener
from tests.worker import running_worker, wait_until
from tts.models import AudioVariant, Voice

from .conftest import Web

pytestmark = [
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("static_files"),
]

# What goes on may cost no more than the first; without bounds it took 90 and more.
FLAT_MB = 20
PARAGRAPHS, HOSTILE_PARAGRAPHS = 10, 200
FIRST_SECONDS, SETTLE_SECONDS, ATTACK_SECONDS = 18, 6, 20


@pytest.fixture
def shared_web(settings, tmp_path):
    """A web process that has its files where the worker has them."""
    web = Web(DATA_DIR=str(tmp_path), SECRET_KEY=settings.SECRET_KEY)
    yield web
    web.stop()


def cookie_of(user) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


@pytest.mark.alone
def test_an_honest_listener_hears_no_gap_beside_a_hundred_hostile_sockets(
    shared_web, tone_model, voice, alice, bob, tmp_path
):
    tone_model.parameters = {"first_ms": 50, "ms_per_character": 50}
    tone_model.save()
    alice.voice = bob.voice = Voice.objects.get(voice_slug="tone-300")
    alice.save()
    bob.save()
    text = "\n\n".join(
        f"Paragraph {n} is heard without a gap, whoever shouts." for n in range(PARAGRAPHS)
    )
    document = make_document(alice, text)
    hostile = make_document(
        bob, "\n\n".join(f"Paragraph {n} is asked for in vain." for n in range(HOSTILE_PARAGRAPHS))
    )
    with running_worker(data_dir=tmp_path, tone_log=tmp_path / "log", queues="tone,jobs"):
        # A hundred sockets cost what they cost; going on with it takes no more.
        command = [sys.executable, "-m", "tests.attacks.hostile", str(shared_web.port)]
        command += [cookie_of(bob), str(hostile.uuid)]
        subprocess.run([*command, str(FIRST_SECONDS)], check=True, stdout=subprocess.DEVNULL)
        time.sleep(SETTLE_SECONDS)
        before = peak = shared_web.memory_mb()
        attack = subprocess.Popen(
            [*command, str(ATTACK_SECONDS)], stdout=subprocess.PIPE, text=True
        )
        time.sleep(2)
        blocks = range(document.block_count)
        url = f"http://127.0.0.1:{shared_web.port}"
        # A block sounds for some 2.5 s; the next is fetched in the middle of it, as a page does.
        listener = Listener(url, cookie_of(alice), str(document.uuid), blocks, pace=1.2)
        listener.start()
        while attack.poll() is None:
            peak = max(peak, shared_web.memory_mb())
            time.sleep(0.1)
        did = json.loads(attack.stdout.read())
        wait_until(lambda: listener.is_done, 60)
        listener.close()

    print(f"{did}; memory {before:.0f} MB, at most {peak:.0f} MB; gaps {gaps(listener)}")
    assert did["connections"] >= 100
    assert listener.problems == []
    assert listener.failed() == []
    assert gaps(listener) == []
    assert peak - before < FLAT_MB


def gaps(listener: Listener) -> list[float]:
    """Return the seconds of silence between blocks: until the next one was there."""
    found, over = [], 0.0
    for idx in sorted(listener.heard):
        status = listener.told[idx]
        variant = AudioVariant.objects.get(pk=status["audio_url"].split("/")[2])
        if over and listener.heard[idx] > over:
            found.append(listener.heard[idx] - over)
        over = max(over, listener.heard[idx]) + variant.duration_ms / 1000
    return found


def test_whoever_comes_while_the_process_is_busy_is_let_wait(web):
    """Everybody's pages come back at once; those without room would try again after a second."""
    came = []
    os.kill(web.process.pid, signal.SIGSTOP)
    try:
        for _ in range(300):
            came.append(socket.create_connection(("127.0.0.1", web.port), 0.8))
    finally:
        os.kill(web.process.pid, signal.SIGCONT)
        for connection in came:
            connection.close()
    assert web.ask("GET", "/healthz")[0] == 200
