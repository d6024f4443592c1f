"""Leases of the attempts that this process makes: renewed while somebody wants what is made.

One thread of a process looks after all of them. A lease is short, so that a worker that was killed
is noticed within seconds; a slow engine is not taken for dead, since another thread than its own
renews. The same look finds out what nobody wants any more.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable

import structlog
from django.conf import settings
from django.db import connection

from tts import heartbeat
from tts.demand import wants
from tts.models import AudioVariant

from . import crowd

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.2
# So often in a row is it looked: a page that connects again wants at once what it wanted before.
LOOKS_UNTIL_UNWANTED = 2
# What takes longer waits for its engine: others can help meanwhile. Where the interpreter is busy
# everything is slow; then it is other machines that may help.
SLOW_SECONDS, SLOW_WHERE_BUSY_SECONDS = 0.1, 1.0
# However alive an attempt seems, it is given up after this long, as a task is by its time limit.
LONGEST_SECONDS = 540.0


class Lease:
    """A claimed variant's lease, held while its attempt lasts.

    ``lost``: another worker makes it, or it was deleted. ``unwanted``: nobody waits for it any
    more; that is looked for only if it ``may_end``.
    """

    def __init__(
        self,
        variant: AudioVariant,
        on_alive: Callable[[], object],
        *,
        on_slow: Callable[[], object] | None = None,
        may_end: bool = False,
    ) -> None:
        self.variant = variant
        self.may_end = may_end
        self.lost = False
        self.unwanted = False
        self._on_alive = on_alive
        self._on_slow = on_slow
        self._began = self._renewed = time.monotonic()
        self._looks = 0
        self._ends = False  # whoever wants it
        self._progress = heartbeat.watch()

    def __enter__(self) -> Lease:
        _keeper().hold(self)
        return self

    def __exit__(self, *_: object) -> None:
        _keeper().let_go(self)

    def renew_if_due(self) -> None:
        now = time.monotonic()
        slow = SLOW_WHERE_BUSY_SECONDS if crowd.is_busy() else SLOW_SECONDS
        if self._on_slow and now - self._began > slow:
            on_slow, self._on_slow = self._on_slow, None
            on_slow()
        if now - self._renewed < settings.SPEECH_LEASE_SECONDS / 3 or self.lost:
            return
        self._renewed = now  # also if it fails: a locked database may answer the next time
        if now - self._began > LONGEST_SECONDS or not self._progress():
            log.error("variant.hangs", variant=str(self.variant.pk))
            self.lost = True
            return
        if not self.variant.renew_lease():
            self.lost = True
            return
        self._on_alive()

    def is_looked_after(self) -> bool:
        """Tell whether it is worth asking who wants it: most sounds are made before that."""
        return self.may_end and time.monotonic() - self._began > LOOK_SECONDS

    def note(self, is_unwanted: bool) -> None:
        self._looks = self._looks + 1 if is_unwanted else 0
        self.unwanted = self._ends or self._looks >= LOOKS_UNTIL_UNWANTED

    def end(self) -> None:
        """Have the attempt end at its next piece: this process ends, another one begins anew."""
        self._ends = self.unwanted = True


class _Keeper:
    """Looks after the leases of a process, in a thread of its own, while there are any."""

    def __init__(self) -> None:
        self._held: set[Lease] = set()
        self._change = threading.Condition()
        threading.Thread(target=self._run, name="leases", daemon=True).start()

    def hold(self, lease: Lease) -> None:
        with self._change:
            self._held.add(lease)
            self._change.notify()

    def let_go(self, lease: Lease) -> None:
        with self._change:
            self._held.discard(lease)

    def held(self) -> list[Lease]:
        with self._change:
            return list(self._held)

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._held:
                    self._change.wait()
            time.sleep(min(LOOK_SECONDS, settings.SPEECH_LEASE_SECONDS / 3))
            leases = self.held()
            self._renew(leases)
            self._look(lease for lease in leases if lease.is_looked_after())

    def _renew(self, leases: Iterable[Lease]) -> None:
        try:
            for lease in leases:
                try:
                    lease.renew_if_due()
                except Exception:
                    # A locked database, a restart of Redis: the next time may still be in time.
                    log.exception("variant.lease_not_renewed", variant=str(lease.variant.pk))
        finally:
            connection.close()  # this thread's own; one that broke is not met with again

    def _look(self, leases: Iterable[Lease]) -> None:
        by_model: dict[int, list[Lease]] = {}
        for lease in leases:
            by_model.setdefault(lease.variant.voice.speech_model_id, []).append(lease)
        for model_id, its_leases in by_model.items():
            try:
                gone = wants.unwanted(model_id, [lease.variant.key for lease in its_leases])
            except Exception as error:  # without Redis nobody knows
                log.warning("wants.not_known", reason=str(error) or type(error).__name__)
                continue
            for lease in its_leases:
                lease.note(lease.variant.key in gone)


def end_all() -> None:
    """Have all attempts of this process end at their next piece."""
    for lease in _keeper().held():
        lease.end()


_keepers: dict[int, _Keeper] = {}
_starting = threading.Lock()


def _keeper() -> _Keeper:
    with _starting:
        pid = os.getpid()  # a forked child has its parent's keeper, but not the thread that runs it
        if pid not in _keepers:
            _keepers.clear()
            _keepers[pid] = _Keeper()
        return _keepers[pid]
