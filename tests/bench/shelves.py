"""``make bench-library``: a library of 5,000 documents and 2 million blocks.

``DOCUMENTS`` and ``BLOCKS`` make it smaller, ``DATABASE_URL`` takes PostgreSQL; a library that is
there from the last time is measured again. Requests go through the whole of Django in this process;
CPU time is told beside them, which noise does not touch.

The server is shared: after these documents come another person's, a tenth as many. A word that
stands in each block of the oldest tenth alone is as common as it is far away.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from unittest.mock import patch

ASKED = os.environ.get("DATABASE_URL")
from tests import environment  # noqa: E402,F401  (it tells where the data goes)

if ASKED:
    os.environ["DATABASE_URL"] = ASKED
os.environ["LOG_LEVEL"] = "WARNING"  # lines about each import would be in the table
DOCUMENTS = int(os.environ.get("DOCUMENTS", "5000"))
BLOCKS = int(os.environ.get("BLOCKS", "2000000"))
TIMES = 60
WORDS = 60  # in a block
VOCABULARY = 30_000
PER_IMPORT = 2_000
FORMERLY = "formerly"
OWNER, OTHER = "bench-owner", "bench-other"


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    setup_test_environment()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from reader.models import User

    owner, other = (User.objects.get_or_create(username=name)[0] for name in (OWNER, OTHER))
    chance = random.Random(1)
    words = [_word(chance) for _ in range(VOCABULARY)]
    print(f"{DOCUMENTS} documents, {BLOCKS} blocks of {WORDS} words", flush=True)
    if not owner.documents.exists():
        begun = time.monotonic()
        _fill(owner, other, words, chance)
        print(f"made in {time.monotonic() - begun:.0f} s", flush=True)
    client = Client()
    client.force_login(owner)
    print(f"\n{'in ms':40} {'p50':>7} {'p95':>7} {'most':>7} {'CPU':>7}   aim of p95")
    _measure("the library", lambda: client.get("/"), "200")
    _measure("its last page", lambda: client.get("/", {"page": DOCUMENTS // 40}), "200")
    _measure("those under way", lambda: client.get("/", {"state": "begun"}), "200")

    def search(what: str, query: Callable[[], str]) -> None:
        _measure(f"search, {what}", lambda: client.get("/", {"q": query()}), "150")

    chance = random.Random(2)

    def rare() -> str:
        return chance.choice(words)

    def usual() -> str:
        """As often as in the texts: people look for what they read."""
        return _of_text(words, chance)

    for n in (1, 2, 3, 4, 5):
        search(f"{n} letters of any word", lambda n=n: rare()[:n])  # type: ignore[misc]
    for n in (2, 3, 4, 5):
        search(f"{n} letters of a usual one", lambda n=n: usual()[:n])  # type: ignore[misc]
    search("two words", lambda: f"{rare()} {rare()}")
    search("two usual words", lambda: f"{usual()} {usual()}")
    search("a word and 2 letters", lambda: f"{rare()} {usual()[:2]}")
    search("the commonest word", lambda: words[0])
    search("a word of the oldest tenth", lambda: FORMERLY)
    search("5 letters of it", lambda: FORMERLY[:5])
    _measure_import(owner, words, chance)


def _measure(what: str, act: Callable[[], object], aim: str) -> None:
    times, cpu = [], time.process_time()
    for _ in range(TIMES):
        begun = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - begun))
    cpu = 1000 * (time.process_time() - cpu) / TIMES
    times.sort()
    p50, p95 = times[len(times) // 2], times[int(0.95 * len(times))]
    print(f"{what:40} {p50:7.0f} {p95:7.0f} {times[-1]:7.0f} {cpu:7.0f}   {aim}", flush=True)


def _measure_import(owner: object, words: list[str], chance: random.Random) -> None:
    """An import as it is, and without the index: each the best of seven."""
    from django.db import DEFAULT_DB_ALIAS

    from reader.finding import passages
    from reader.ingestion.importing import import_document
    from reader.models import Block
    from reader.services.documents import add_document

    text = "\n\n".join(_text(words, chance) for _ in range(PER_IMPORT))

    def seconds() -> tuple[float, float]:
        document = add_document(owner=owner, text=text)  # type: ignore[arg-type]
        begun = time.process_time(), time.perf_counter()
        import_document(document)
        taken = time.process_time() - begun[0], time.perf_counter() - begun[1]
        passages.settle()  # as it is after an import: nobody waits for that
        # The library stays as it was, to be measured again.
        Block.objects.filter(document=document)._raw_delete(DEFAULT_DB_ALIAS)
        document.delete()
        return taken

    seconds()
    with_index, without = [], []
    for _ in range(7):
        with_index.append(seconds())
        with patch.object(passages, "put", lambda rows: None):
            without.append(seconds())
    # The time of PostgreSQL's own process is in what the clock tells alone.
    print(f"\nan import of {PER_IMPORT} paragraphs of text, with the index and without:")
    for n, what in enumerate(("of CPU", "by the clock")):
        best, bare = (min(each[n] for each in some) for some in (with_index, without))
        more = 100 * (best / bare - 1)
        print(f"    {best:.2f} and {bare:.2f} s {what}: {more:.0f} % more (aim: 10)", flush=True)


def _fill(owner: object, other: object, words: list[str], chance: random.Random) -> None:
    from reader.models import Block, Document, Position

    # One text in a hundred is another one: to the index that makes no difference.
    texts = [_text(words, chance) for _ in range(max(1, BLOCKS // 100))]
    each = max(1, BLOCKS // DOCUMENTS)
    for n in range(DOCUMENTS + DOCUMENTS // 10):
        document = Document.objects.create(
            owner=owner if n < DOCUMENTS else other,
            title=f"{chance.choice(words)} {chance.choice(words)}",
            author=chance.choice(words), status="ready", block_count=each,
        )  # fmt: skip
        blocks = []
        for idx in range(each):
            text = f"{chance.choice(texts)} {chance.choice(words)}"
            if n < DOCUMENTS // 10:
                text = f"{text} {FORMERLY}"
            blocks.append(
                Block(document=document, idx=idx, kind="paragraph", html=f"<p>{text}</p>",
                      text=text, text_hash=f"{n:020x}{idx:020x}", characters=len(text))
            )  # fmt: skip
        Block.objects.bulk_create(blocks, batch_size=500)
        if n < DOCUMENTS and n % 3 == 0:
            Position.objects.create(
                user=owner, document=document, block_idx=chance.randrange(each), offset_ms=5
            )


def _word(chance: random.Random) -> str:
    return "".join(chance.choices("etaoinshrdlcumwfgypbvk", k=chance.randint(2, 11)))


def _text(words: list[str], chance: random.Random) -> str:
    """Words as often as in a language: few of them make up most of a text."""
    return " ".join(_of_text(words, chance) for _ in range(WORDS))


def _of_text(words: list[str], chance: random.Random) -> str:
    return words[int(VOCABULARY ** chance.random()) - 1]


if __name__ == "__main__":
    main()
