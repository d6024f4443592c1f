"""The index of what blocks say: SQLite's FTS5 or PostgreSQL's search, behind the same functions.

It holds words as ``folding`` makes them, so both find the same. What is looked for in it is
restricted to one person's words in the index itself: whoever shares a server with large libraries
waits no longer for that.

Blocks come into it in the transaction that stores them (``BlockQuerySet``), and leave it with
their row, by a trigger: whoever deletes blocks need not know of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ..extraction.sanitise import shown_text
from .folding import tokens

# More than any block has; a place in PostgreSQL's index ends at 16,383.
MOST_TOKENS = 16_000
AT_ONCE = 1_000

MAKE = {
    "sqlite": [
        # The words are folded before: what is not ASCII is a letter, the rest is compared as it is.
        "CREATE VIRTUAL TABLE IF NOT EXISTS reader_passage "
        "USING fts5(owner, words, tokenize='ascii', prefix='2 3')",
        "CREATE TRIGGER IF NOT EXISTS reader_passage_goes AFTER DELETE ON reader_block "
        "BEGIN DELETE FROM reader_passage WHERE rowid = old.id; END",
    ],
    "postgresql": [
        "CREATE TABLE IF NOT EXISTS reader_passage "
        "(block_id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX IF NOT EXISTS reader_passage_words ON reader_passage USING gin (words)",
        "CREATE OR REPLACE FUNCTION reader_passage_goes() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN DELETE FROM reader_passage WHERE block_id = OLD.id; RETURN NULL; END$$",
        "CREATE OR REPLACE TRIGGER reader_passage_goes AFTER DELETE ON reader_block "
        "FOR EACH ROW EXECUTE FUNCTION reader_passage_goes()",
    ],
}
UNMAKE = {
    "sqlite": ["DROP TRIGGER IF EXISTS reader_passage_goes", "DROP TABLE IF EXISTS reader_passage"],
    "postgresql": [
        "DROP TRIGGER IF EXISTS reader_passage_goes ON reader_block",
        "DROP FUNCTION IF EXISTS reader_passage_goes",
        "DROP TABLE IF EXISTS reader_passage",
    ],
}


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: each a word, or characters that stand together; the last may go on.

    One letter does not: every tenth word begins with it, and to look them all up takes long.
    """

    phrases: tuple[tuple[str, ...], ...]

    @property
    def goes_on(self) -> bool:
        return len(self.phrases[-1][-1]) > 1

    @classmethod
    def of(cls, text: str, *, most: int = 8) -> Query:
        found = [tuple(tokens(word)) for word in text.split()]
        return cls(tuple(phrase for phrase in found if phrase)[:most])

    def __bool__(self) -> bool:
        return bool(self.phrases)


def make(connection: Any) -> None:
    """Make the index where there is none, and its trigger: SQLite loses it with a table remade."""
    with connection.cursor() as cursor:
        for statement in MAKE[connection.vendor]:
            cursor.execute(statement)


def unmake(connection: Any) -> None:
    with connection.cursor() as cursor:
        for statement in UNMAKE[connection.vendor]:
            cursor.execute(statement)


def put(passages: Iterable[tuple[int, int, str]]) -> None:
    """Take in what blocks say, given as block, owner and shown text. Twice does no harm."""
    rows = [(block, owner, tokens(text)[:MOST_TOKENS]) for block, owner, text in passages]
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                "INSERT OR REPLACE INTO reader_passage (rowid, owner, words) VALUES (%s, %s, %s)",
                [(block, f"u{owner}", " ".join(words)) for block, owner, words in rows],
            )
        else:
            cursor.executemany(
                "INSERT INTO reader_passage (block_id, words) VALUES (%s, %s::tsvector) "
                "ON CONFLICT (block_id) DO UPDATE SET words = EXCLUDED.words",
                [(block, _vector(owner, words)) for block, owner, words in rows],
            )


def fill(blocks: Any) -> None:
    """Take in what these blocks say: all there are, after a migration or out of a backup."""
    rows = blocks.order_by("pk").values_list("pk", "document__owner_id", "html")
    last = 0
    while some := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        put((pk, owner, shown_text(html)) for pk, owner, html in some)
        last = some[-1][0]


def find(owner: int, query: Query, *, limit: int) -> list[int]:
    """Return the blocks of an owner's documents that say all of this, the latest document's first.

    No more are looked at than are asked for: with two million blocks a word such as "the" is in
    most of them.
    """
    if not query:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT rowid FROM reader_passage WHERE reader_passage MATCH %s "
                "ORDER BY rowid DESC LIMIT %s",
                [_match(owner, query), limit],
            )
        else:
            cursor.execute(
                "SELECT block_id FROM reader_passage WHERE words @@ %s::tsquery "
                "ORDER BY block_id DESC LIMIT %s",
                [_tsquery(owner, query), limit],
            )
        return [block for (block,) in cursor.fetchall()]


def _match(owner: int, query: Query) -> str:
    phrases = [" + ".join(f'"{token}"' for token in phrase) for phrase in query.phrases]
    if query.goes_on:
        phrases[-1] += "*"
    return f"owner : u{owner} AND words : ({' AND '.join(phrases)})"


def _vector(owner: int, words: Sequence[str]) -> str:
    places = (f"'{word}':{at}" for at, word in enumerate(words, 1))
    return " ".join([_owner(owner), *places])


def _owner(owner: int) -> str:
    """Return what stands for an owner in PostgreSQL's index: no word begins like it."""
    return f"'={owner}'"


def _tsquery(owner: int, query: Query) -> str:
    quoted = [[f"'{token}'" for token in phrase] for phrase in query.phrases]
    if query.goes_on:
        quoted[-1][-1] += ":*"
    return " & ".join([_owner(owner), *(f"({' <-> '.join(each)})" for each in quoted)])
