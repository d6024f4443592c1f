"""What hangs in a worker is replaced, and what it did is done once more."""

import os
import signal
import subprocess
import sys

import pytest

from tests.worker import running_worker, wait_until
from tts import synthesis
from tts.connections import redis_client
from tts.models import Status

from .conftest import TEXT, again, configure

pytestmark = pytest.mark.django_db(transaction=True)

DEAF_WORKER = """
import time
import django
django.setup()
from config.health import pool
pool.DEAF_SECONDS = 0.5
class Resting:
    class _pool:
        _cache, _pool = {}, []
watch = pool.Watch()
deadline = time.monotonic() + 5
while time.monotonic() < deadline:
    watch.look(Resting, ["tone"])
    time.sleep(0.1)
"""


@pytest.fixture
def impatient_worker(tmp_path, settings):
    with running_worker(
        data_dir=tmp_path,
        tone_log=tmp_path / "log",
        concurrency=1,
        queues="tone",
        app_path="tests.impatient",
    ) as worker:
        yield worker


def test_an_engine_that_hangs_is_ended_with_its_process(ann, model, impatient_worker):
    configure(model, first_ms=600_000)
    (variant,) = ann.want(TEXT)
    wait_until(lambda: again(variant).status == Status.PROCESSING)
    [child] = impatient_worker.pool_children
    wait_until(lambda: child not in impatient_worker.pool_children)
    configure(model)

    def made() -> bool:
        synthesis.recover()
        [now] = ann.want(TEXT)
        return now.status == Status.CACHED

    wait_until(made, 40)


def test_a_stopped_process_is_replaced_even_while_it_rests(ann, impatient_worker):
    [child] = impatient_worker.pool_children
    os.kill(child, signal.SIGSTOP)
    wait_until(lambda: child not in impatient_worker.pool_children)
    (variant,) = ann.want(TEXT)
    wait_until(lambda: again(variant).status == Status.CACHED)


@pytest.mark.parametrize(("waits", "code"), [(True, 70), (False, 0)])
def test_a_worker_that_takes_no_message_though_it_rests_ends(db, waits, code):
    if waits:
        redis_client().lpush("tone", "{}")
    process = subprocess.run([sys.executable, "-c", DEAF_WORKER], check=False, timeout=60)
    assert process.returncode == code
