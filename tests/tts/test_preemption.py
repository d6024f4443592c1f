"""Who begins to wait for a sound has the cores: work that can wait pauses in the midst of it."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from tests.worker import wait_until
from tts import aligning, synthesis
from tts.demand import alignments, preemption
from tts.models import AudioVariant, Status, hash_text
from tts.speech import Mark

from .conftest import TEXT, make_all

FILE = settings.DATA_DIR / preemption.NAME


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    FILE.unlink(missing_ok=True)
    monkeypatch.setattr(preemption, "FEW_CORES", 10**6)
    yield
    FILE.unlink(missing_ok=True)


class Work:
    """What counts for as long as it is let, in a main thread; another looks how it gets on."""

    def __init__(self, look: Callable[["Work"], None]) -> None:
        self.count, self.goes_on, self._look = 0, True, look
        self.failure: BaseException | None = None

    def run(self) -> None:
        looking = threading.Thread(target=self._until_looked_at)
        looking.start()
        while self.goes_on:
            self.count += 1
        looking.join()
        if self.failure:
            raise self.failure

    def _until_looked_at(self) -> None:
        try:
            self._look(self)
        except BaseException as failure:
            self.failure = failure
        finally:
            self.goes_on = False
            FILE.unlink(missing_ok=True)

    def moves(self) -> bool:
        before = self.count
        time.sleep(0.1)
        return self.count != before

    def goes_well(self) -> None:
        """Fail if it pauses for long: at the first look it may not have begun to."""
        wait_until(self.moves, 20)
        wait_until(self.moves, 20)


def test_work_pauses_in_the_midst_of_it_until_nobody_begins_to_wait(monkeypatch):
    monkeypatch.setattr(preemption, "PAUSE_SECONDS", 600)
    monkeypatch.setattr(preemption, "MOST_SECONDS", 600)

    def look(work: Work) -> None:
        wait_until(work.moves, 20)
        preemption.note()
        wait_until(lambda: not work.moves(), 20)
        os.utime(FILE, (time.time() - 601, time.time() - 601))
        wait_until(work.moves, 20)

    with preemption.pausing():
        Work(look).run()


def test_work_is_not_put_off_for_ever(monkeypatch):
    monkeypatch.setattr(preemption, "PAUSE_SECONDS", 600)
    monkeypatch.setattr(preemption, "MOST_SECONDS", 2)

    def look(work: Work) -> None:
        wait_until(lambda: not work.moves(), 20)
        work.goes_well()

    preemption.note()
    with preemption.pausing():
        Work(look).run()


@pytest.mark.parametrize("ahead", [-3600, 3600])
def test_a_clock_that_was_set_stops_no_work(monkeypatch, ahead):
    monkeypatch.setattr(preemption, "MOST_SECONDS", 600)
    preemption.note()
    os.utime(FILE, (time.time() + ahead, time.time() + ahead))

    with preemption.pausing():
        Work(Work.goes_well).run()


def test_nothing_pauses_after_it_however_it_ends(monkeypatch):
    monkeypatch.setattr(preemption, "PAUSE_SECONDS", 600)
    monkeypatch.setattr(preemption, "MOST_SECONDS", 600)
    with suppress(ZeroDivisionError), preemption.pausing():
        assert signal.getitimer(signal.ITIMER_VIRTUAL)[1]
        raise ZeroDivisionError
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)

    def look(work: Work) -> None:
        os.kill(os.getpid(), signal.SIGVTALRM)  # one that was on its way
        work.goes_well()

    preemption.note()
    Work(look).run()


def test_many_cores_and_other_threads_do_not_pause(monkeypatch):
    def has_timer() -> bool:
        with preemption.pausing():
            return signal.getitimer(signal.ITIMER_VIRTUAL)[1] > 0

    told = []
    thread = threading.Thread(target=lambda: told.append(has_timer()))
    thread.start()
    thread.join()
    assert told == [False]
    assert has_timer()
    monkeypatch.setattr(preemption, "FEW_CORES", 0)
    assert not has_timer()


def test_a_file_that_cannot_be_written_is_no_obstacle(monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    preemption.note()
    with preemption.pausing():
        Work(lambda work: time.sleep(0.1)).run()


@pytest.mark.django_db(transaction=True)
def test_words_are_looked_for_so_that_it_pauses(cat, monkeypatch):
    make_all(cat, TEXT)
    timers = []

    def look(*_: object) -> list[Mark]:
        timers.append(signal.getitimer(signal.ITIMER_VIRTUAL)[1] > 0)
        return []

    monkeypatch.setattr(aligning, "_marks", look)
    alignments.write()
    aligning.align_some()
    assert timers == [True]


def is_noted() -> bool:
    """Tell whether somebody was noted since the last look."""
    found = FILE.exists()
    FILE.unlink(missing_ok=True)
    return found


@pytest.mark.django_db(transaction=True)
def test_who_begins_to_wait_for_what_they_hear_first_is_noted_once(cat):
    """Who listens wants ever new sounds for later: words could not be looked for at all."""
    cat.want()
    assert not is_noted()
    cat.want(TEXT)
    assert is_noted()
    cat.want(TEXT)  # as a page's session looks again and again, while a server is away too
    assert not is_noted()
    (variant,) = make_all(cat, TEXT)
    is_noted()
    later = "Another sentence to be spoken."
    cat.want(TEXT, later)
    assert not is_noted()
    cat.want("A third one.", TEXT)
    assert is_noted()
    default_storage.delete(variant.file.name)
    cat.want(TEXT, retry=True)
    assert is_noted()
    AudioVariant.objects.update(status=Status.ERROR, error="It is away.")
    cat.want(TEXT)
    assert not is_noted()
    cat.want(TEXT, retry=True)
    assert is_noted()


@pytest.mark.django_db(transaction=True)
def test_what_is_left_of_what_was_wanted_is_not_what_is_heard_first(cat):
    """So a session looks again at what is not there yet."""
    text_hash = hash_text(TEXT, "en")
    synthesis.want(
        listener="cat",
        voice=cat.voice,
        recipe=synthesis.recipe_hash(cat.voice),
        ranks={text_hash: 1},
        texts=lambda hashes: dict.fromkeys(hashes, (TEXT, "en")),
    )
    assert not is_noted()
