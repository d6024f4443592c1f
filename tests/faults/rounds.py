"""One round: a document is read, something breaks, and afterwards all is compared."""

from __future__ import annotations

import random
import statistics
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from . import history
from .installation import Installation, wait_for
from .kinds import Fault
from .listener import Listener

P95_SECONDS, WORST_SECONDS = 12.0, 45.0
# A block is made and listened to so fast that a fault meets with both.
ENGINE = {"first_ms": 40, "ms_per_character": 20}
LISTENED_SECONDS = 0.05
TEXT = "Paragraph {n} of document {salt} is read while something breaks."
IMPORT_SECONDS, READ_SECONDS = 120, 180


@dataclass(slots=True)
class Round:
    """What became of one round: the longest silence in seconds, and what was wrong."""

    about: str
    again: float | None
    failed: int
    collected: int
    problems: list[str] = field(default_factory=list)


class Reader:
    """The person who reads, and their documents."""

    def __init__(self, installation: Installation) -> None:
        from django.test import Client

        from reader.models import User
        from tts.models import SpeechModel, Voice
        from tts.voices.catalogue import sync_voices

        self._installation = installation
        model, is_new = SpeechModel.objects.get_or_create(
            model_slug="tone", defaults={"name": "Tone", "engine": "tone", "parameters": ENGINE}
        )
        if is_new:
            sync_voices(model)
        self.user = User.objects.create(username=f"reader-{uuid.uuid4().hex[:6]}")
        self.user.voice = Voice.objects.by_slugs("tone", "tone-500").get()
        self.user.save()
        client = Client()
        client.force_login(self.user)
        self.cookie = f"sessionid={client.cookies['sessionid'].value}"

    def bring_in(self, blocks: int) -> str:
        """Bring in a document through the worker for imports; return its uuid."""
        from reader.services.documents import add_document

        salt = uuid.uuid4().hex[:8]
        text = "\n\n".join(TEXT.format(n=n, salt=salt) for n in range(blocks))
        document = add_document(owner=self.user, title=salt, text=text)

        def is_there() -> bool:
            document.refresh_from_db()
            return document.status == "ready" and document.block_count == blocks

        wait_for(is_there, IMPORT_SECONDS, "the document is imported")
        return str(document.uuid)

    def throw_away(self, uuid: str) -> None:
        """Delete a document for good, as happens when its deletion can no longer be taken back."""
        from reader.deleting import delete_document
        from reader.models import Document

        delete_document(document=Document.objects.get(uuid=uuid))

    def opens(self, document: str, blocks: int, pace: float = LISTENED_SECONDS) -> Listener:
        listener = Listener(self._installation.url, self.cookie, document, range(blocks), pace=pace)
        listener.start()
        return listener


def play(
    installation: Installation, reader: Reader, fault: Fault, rng: random.Random, blocks: int
) -> Round:
    """Play one round."""
    from django.db import connection

    document = reader.bring_in(blocks)
    listener = reader.opens(document, blocks)
    wait_for(lambda: len(listener.heard) >= 3, 60, "it reads")
    time.sleep(rng.uniform(0.0, 2.0))
    began = time.monotonic()
    with fault.inflict(installation, rng) as about:
        if fault.held:
            began = time.monotonic()
        problems = []
        deadline = time.monotonic() + READ_SECONDS
        while not listener.is_done and time.monotonic() < deadline:
            time.sleep(0.05)
    connection.close()  # that of before a kill of the database
    if not listener.is_done:
        problems.append(f"after {READ_SECONDS} s {len(listener.heard)} of {blocks} were heard")
    again = listener.longest_silence(began)
    found, collected = history.check(installation, document, listener)
    listener.close()
    failed = listener.failed()
    if failed and not fault.may_fail:
        problems.append(f"{len(failed)} blocks failed: {listener.told[failed[0]]['error']}")
    return Round(about, again, len(failed), collected, problems + found)


def row(name: str, rounds: Sequence[Round]) -> tuple[str, bool]:
    """Return a line of the table for the rounds of a fault, and whether all is as it should be."""
    times = [each.again for each in rounds if each.again is not None]
    p95 = percentile(times, 95)
    worst = max(times, default=0.0)
    bad = [each for each in rounds if each.problems]
    good = not bad and p95 <= P95_SECONDS and worst <= WORST_SECONDS
    told = (
        f"{name:<14}{len(rounds):>7}{percentile(times, 50):>9.1f}{p95:>9.1f}{worst:>9.1f}"
        f"{sum(each.failed for each in rounds):>8}{sum(each.collected for each in rounds):>11}"
        f"{len(bad):>8}  {'good' if good else 'BAD'}"
    )
    return told, good


HEAD = (
    f"{'fault':<14}{'rounds':>7}{'p50 s':>9}{'p95 s':>9}{'worst s':>9}"
    f"{'failed':>8}{'collected':>11}{'wrong':>8}"
)


def percentile(values: Sequence[float], percent: int) -> float:
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
