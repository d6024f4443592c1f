"""What is noted together a moment later: nothing is lost, and nothing is written twice."""

import os
import signal
import threading
from operator import add

import pytest

from tests.worker import wait_until
from tts.demand.gathering import Gathering


@pytest.fixture
def written() -> list[dict[str, int]]:
    return []


def test_what_comes_within_a_moment_is_written_together(written):
    gathering = Gathering[str, int](written.append, add, seconds=0.1)
    gathering.add({"a": 1})
    gathering.add({"a": 2, "b": 1})
    gathering.add({})
    wait_until(lambda: written)
    assert written == [{"a": 3, "b": 1}]
    gathering.add({"a": 1})
    wait_until(lambda: len(written) == 2)
    assert written[1] == {"a": 1}


def test_it_can_be_had_at_once(written):
    gathering = Gathering[str, int](written.append, add, seconds=60)
    gathering.add({"a": 1})
    gathering.write()
    gathering.write()
    assert written == [{"a": 1}]


def test_nothing_of_many_threads_is_lost(written):
    gathering = Gathering[str, int](written.append, add, seconds=0.001)
    threads = [
        threading.Thread(target=lambda: [gathering.add({"a": 1}) for _ in range(500)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gathering.write()
    assert sum(each["a"] for each in written) == 8 * 500


def test_a_failure_to_write_stops_nothing(written):
    failures = [OSError("It is away.")]

    def write(held: dict[str, int]) -> None:
        if failures:
            raise failures.pop()
        written.append(held)

    gathering = Gathering[str, int](write, add, seconds=60)
    gathering.add({"a": 1})
    with pytest.raises(OSError, match="It is away"):
        gathering.write()
    gathering.add({"b": 1})
    gathering.write()
    assert written == [{"b": 1}]


def test_without_a_thread_it_is_written_at_once(written, monkeypatch):
    def start(timer: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    gathering = Gathering[str, int](written.append, add, seconds=60)
    with monkeypatch.context() as crowded:
        crowded.setattr(threading.Timer, "start", start)
        gathering.add({"a": 1})
    gathering.add({"b": 1})
    gathering.write()
    assert written == [{"a": 1}, {"b": 1}]


def test_a_child_leaves_to_its_parent_what_that_gathered(written):
    gathering = Gathering[str, int](written.append, add, seconds=60)
    gathering.add({"of the parent": 1})
    told, telling = os.pipe()
    with gathering._holding:  # by another thread, at the moment of the fork
        child = os.fork()
        if not child:
            try:
                signal.alarm(20)  # rather than to wait for ever
                gathering.add({"of the child": 1})
                gathering.write()
                os.write(telling, repr(written).encode())
            finally:
                os._exit(0)
    os.close(telling)
    os.waitpid(child, 0)
    assert os.read(told, 1000) == b"[{'of the child': 1}]"
    gathering.write()
    assert written == [{"of the parent": 1}]
