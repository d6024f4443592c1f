"""Threads that share an interpreter: no more of them than help."""

import threading
import time

import pytest

from tts.synthesis import crowd

MODEL = 7


@pytest.fixture(autouse=True)
def nobody_inside():
    yield
    crowd._inside.clear()
    crowd._sent_away.clear()


@pytest.fixture
def busy(monkeypatch):
    """The interpreter works all the time, as much as a busy machine lets it."""
    monkeypatch.setattr(crowd, "BUSY_SHARE", 0.1)
    over = threading.Event()

    def burn() -> None:
        while not over.is_set():
            pass

    thread = threading.Thread(target=burn)
    thread.start()
    time.sleep(3 * crowd.LOOK_SECONDS)
    yield
    over.set()
    thread.join()


def test_any_number_may_wait_for_servers():
    crowd._interpreter.is_busy()  # what was done before this test does not count
    time.sleep(3 * crowd.LOOK_SECONDS)
    assert all(crowd.enter(MODEL) for _ in range(64))
    assert not any(crowd.leave(MODEL) for _ in range(64))


def test_where_the_interpreter_is_busy_a_few_are_enough(busy):
    entered = [crowd.enter(MODEL) for _ in range(8)]
    assert entered == [True] * crowd.ENOUGH + [False] * 4
    assert crowd.enter(MODEL + 1)  # another model has its own


def test_one_of_those_inside_looks_again_for_who_was_sent_away(busy):
    for _ in range(crowd.ENOUGH + 1):
        crowd.enter(MODEL)
    assert [crowd.leave(MODEL) for _ in range(crowd.ENOUGH)] == [True] + [False] * 3


def test_a_process_without_threads_at_work_is_not_busy(busy):
    assert not crowd.is_busy()
    crowd.enter(MODEL)
    assert crowd.is_busy()
