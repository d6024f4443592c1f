"""``make bench-library``: a library of 5,000 documents and 2 million blocks.

``DOCUMENTS`` and ``BLOCKS`` make it smaller, ``DATABASE_URL`` takes PostgreSQL. Requests go through
the whole of Django in this process; CPU time is told beside them, which noise does not touch.
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
DOCUMENTS = int(os.environ.get("DOCUMENTS", "5000"))
BLOCKS = int(os.environ.get("BLOCKS", "2000000"))
TIMES = 60
WORDS = 60  # in a block
VOCABULARY = 30_000
PER_IMPORT = 2_000


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

    owner = User.objects.create(username=f"reader-{time.time_ns()}")
    chance = random.Random(1)
    words = [_word(chance) for _ in range(VOCABULARY)]
    print(f"{DOCUMENTS} documents, {BLOCKS} blocks of {WORDS} words", flush=True)
    begun = time.monotonic()
    _fill(owner, words, chance)
    print(f"made in {time.monotonic() - begun:.0f} s\n", flush=True)
    client = Client()
    client.force_login(owner)
    print(f"{'in ms':40} {'p50':>7} {'p95':>7} {'CPU':>7}   aim of p95")
    _measure("the library", lambda: client.get("/"), "200")
    _measure("its last page", lambda: client.get("/", {"page": DOCUMENTS // 40}), "200")
    _measure("those under way", lambda: client.get("/", {"state": "begun"}), "200")
    for length in (1, 2, 3, 5):
        _measure(
            f"search, {length} letters typed",
            lambda length=length: client.get("/", {"q": chance.choice(words)[:length]}),
            "150",
        )
    rare = lambda: client.get("/", {"q": " ".join(chance.choices(words, k=2))})  # noqa: E731
    _measure("search, two words", rare, "150")
    _measure("search, the commonest word", lambda: client.get("/", {"q": words[0]}), "150")
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
    print(f"{what:40} {p50:7.0f} {p95:7.0f} {cpu:7.0f}   {aim}", flush=True)


def _measure_import(owner: object, words: list[str], chance: random.Random) -> None:
    """An import as it is, and without the index: each the best of five, in CPU time."""
    from reader.finding import passages
    from reader.ingestion.importing import import_document
    from reader.services.documents import add_document

    text = "\n\n".join(_text(words, chance) for _ in range(PER_IMPORT))

    def seconds() -> float:
        document = add_document(owner=owner, text=text)  # type: ignore[arg-type]
        begun = time.process_time()
        import_document(document)
        return time.process_time() - begun

    seconds()
    with_index, without = [], []
    for _ in range(5):
        with_index.append(seconds())
        with patch.object(passages, "put", lambda rows: None):
            without.append(seconds())
    slower = 100 * (min(with_index) / min(without) - 1)
    print(f"\nan import of {PER_IMPORT} blocks of text: {min(with_index):.2f} s of CPU,")
    print(f"without the index {min(without):.2f}: {slower:.0f} % more (aim: 10)")


def _fill(owner: object, words: list[str], chance: random.Random) -> None:
    from reader.models import Block, Document, Position

    # One text in a hundred is another one: to the index that makes no difference.
    texts = [_text(words, chance) for _ in range(max(1, BLOCKS // 100))]
    each = max(1, BLOCKS // DOCUMENTS)
    for n in range(DOCUMENTS):
        document = Document.objects.create(
            owner=owner, title=f"{chance.choice(words)} {chance.choice(words)}",
            author=chance.choice(words), status="ready", block_count=each,
        )  # fmt: skip
        blocks = []
        for idx in range(each):
            text = f"{chance.choice(texts)} {chance.choice(words)}"
            blocks.append(
                Block(document=document, idx=idx, kind="paragraph", html=f"<p>{text}</p>",
                      text=text, text_hash=f"{n:020x}{idx:020x}", characters=len(text))
            )  # fmt: skip
        Block.objects.bulk_create(blocks, batch_size=500)
        if n % 3 == 0:
            Position.objects.create(
                user=owner, document=document, block_idx=chance.randrange(each), offset_ms=5
            )


def _word(chance: random.Random) -> str:
    return "".join(chance.choices("etaoinshrdlcumwfgypbvk", k=chance.randint(2, 11)))


def _text(words: list[str], chance: random.Random) -> str:
    """Words as often as in a language: few of them make up most of a text."""
    return " ".join(words[int(VOCABULARY ** chance.random()) - 1] for _ in range(WORDS))


if __name__ == "__main__":
    main()
