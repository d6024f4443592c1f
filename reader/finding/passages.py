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
from itertools import accumulate
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction

from ..extraction.sanitise import shown_text
from .folding import tokens

log = structlog.get_logger(__name__)

# More than any block has; a place in PostgreSQL's index ends at 16,383, and all words of a block at
# 1 MB, with their places.
MOST_TOKENS, MOST_LETTERS = 16_000, 200_000
# Folded, a character becomes this many at most.
MOST_OF_ONE = 18
# What stands between two words in PostgreSQL's notation: the place of the first.
PLACES = tuple(f"':{place} '" for place in range(1, MOST_TOKENS + 1))
AT_ONCE = 1_000
# So many pages of SQLite's index, of 4 KB, are merged in a transaction, which takes some hundredths
# of a second, in so many of them. What is left comes the next time.
MERGED_PAGES, MOST_MERGES = 200, 500
# Of what begins so, FTS5 has an index.
LONGEST_PREFIX = 3
# So many hits of those three letters are looked at.
CANDIDATES = 2_000
# PostgreSQL, without its index: so many of the latest documents, so many blocks of each, and about
# so many of all blocks. With it: so many times what is asked for; of these the latest are taken.
NEWEST, OF_EACH = 50, 50
SAMPLED = 5_000
TIMES_MORE = 2
# With more hits than the index is asked for, so many found without it are enough: the index returns
# the oldest first.
ENOUGH = 100
# So many hits does the index put together while one row is read.
FAR_MORE = 25

# Of an owner's blocks: those that say all of it, and how many say the whole words.
COUNTED = """
SELECT coalesce(array_agg(block_id) FILTER (WHERE words @@ %(all)s::tsquery), '{}'),
  count(*) FILTER (WHERE words @@ %(whole)s::tsquery)
"""
# Some of each of the latest documents: in which order they are found is left to the planner.
LATEST = f"""{COUNTED} FROM reader_passage WHERE block_id = ANY (ARRAY(
  SELECT block.id FROM (
    SELECT id FROM reader_document WHERE owner_id = %(number)s AND deleted_at IS NULL
    ORDER BY created_at DESC, id DESC LIMIT {NEWEST}
  ) AS latest CROSS JOIN LATERAL (
    SELECT id FROM reader_block WHERE document_id = latest.id LIMIT {OF_EACH}
  ) AS block
))
"""
PERCENT = f"""
(SELECT least(100, 100 * {SAMPLED} / greatest(reltuples, 1)) FROM pg_class
  WHERE oid = 'reader_passage'::regclass)
"""
# Pages of the table that are chosen by chance, always the same. What begins like the last word is
# counted in anybody's blocks, as the index holds it.
SAMPLE = f"""{COUNTED}, count(*) FILTER (WHERE words @@ %(last)s::tsquery), {PERCENT}
FROM reader_passage TABLESAMPLE SYSTEM ({PERCENT}) REPEATABLE (1)
"""
# The planner prefers a sequential scan for so few rows. With the default memory a bitmap of many
# hits keeps only their pages, and each row of these is compared again.
SETTINGS = "SET LOCAL enable_seqscan = off; SET LOCAL work_mem = '32MB'"
INDEXED = "SELECT block_id FROM reader_passage WHERE words @@ %s::tsquery"
# The same condition as a function: the index is not used for it.
ROW_BY_ROW = " AND ts_match_vq(words, %s::tsquery)"

MAKE = {
    "sqlite": [
        # The words are folded before: what is not ASCII is a letter, the rest is compared as it is.
        "CREATE VIRTUAL TABLE IF NOT EXISTS reader_passage "
        "USING fts5(owner, words, tokenize='ascii', prefix='2 3')",
        "CREATE TRIGGER IF NOT EXISTS reader_passage_goes AFTER DELETE ON reader_block "
        "BEGIN DELETE FROM reader_passage WHERE rowid = old.id; END",
        # What is new is a part of its own first. FTS5 would merge these as it stores them, and
        # whoever brings in a book would wait for it.
        "INSERT INTO reader_passage (reader_passage, rank) VALUES ('automerge', 0)",
    ],
    "postgresql": [
        "CREATE TABLE IF NOT EXISTS reader_passage "
        "(block_id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX IF NOT EXISTS reader_passage_words ON reader_passage USING gin (words)",
        # What is new is noted beside the index first. A list of 4 MB, as is usual, is full after
        # 2,000 blocks, and whoever brings in more puts it into the index before going on.
        "ALTER INDEX reader_passage_words SET (gin_pending_list_limit = 16384)",
        "CREATE OR REPLACE FUNCTION reader_passage_goes() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN DELETE FROM reader_passage WHERE block_id = OLD.id; RETURN NULL; END$$",
        "CREATE OR REPLACE TRIGGER reader_passage_goes AFTER DELETE ON reader_block "
        "FOR EACH ROW EXECUTE FUNCTION reader_passage_goes()",
        # No row is deleted then: whoever flushes the database leaves the index full otherwise.
        "CREATE OR REPLACE FUNCTION reader_passage_all_go() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN TRUNCATE reader_passage; RETURN NULL; END$$",
        "CREATE OR REPLACE TRIGGER reader_passage_all_go AFTER TRUNCATE ON reader_block "
        "FOR EACH STATEMENT EXECUTE FUNCTION reader_passage_all_go()",
    ],
}
UNMAKE = {
    "sqlite": ["DROP TRIGGER IF EXISTS reader_passage_goes", "DROP TABLE IF EXISTS reader_passage"],
    "postgresql": [
        "DROP TRIGGER IF EXISTS reader_passage_all_go ON reader_block",
        "DROP FUNCTION IF EXISTS reader_passage_all_go",
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
    rows = [(block, owner, _held(text)) for block, owner, text in passages]
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                "INSERT OR REPLACE INTO reader_passage (rowid, owner, words) VALUES (%s, %s, %s)",
                [(block, f"u{owner}", " ".join(words)) for block, owner, words in rows],
            )
        else:
            # One statement: many of one row each cost more than the index itself. One text: in an
            # array every quotation mark of its items is a character of its own to send.
            cursor.execute(
                "INSERT INTO reader_passage (block_id, words) "
                "SELECT block, words::tsvector "
                "FROM unnest(%s::bigint[], string_to_array(%s, E'\\n')) AS given (block, words) "
                "ON CONFLICT (block_id) DO UPDATE SET words = EXCLUDED.words",
                [
                    [block for block, *_ in rows],
                    "\n".join(_vector(owner, words) for _, owner, words in rows),
                ],
            )


def settle() -> None:
    """Put into the index what was noted beside it: until then each search reads that too.

    Whoever may not, or not now, leaves it to the database, which does it when there is much.
    """
    try:
        if connection.vendor == "sqlite":
            _merge()
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT gin_clean_pending_list('reader_passage_words')")
    except DatabaseError as error:  # what has been noted is found all the same
        log.warning("passages.not_settled", reason=str(error).strip())


def _merge() -> None:
    """Merge parts of SQLite's index that are alike in size, a little at a time: others write too.

    FTS5 tells that there is nothing left to merge by changing no row but its own command's.
    https://www.sqlite.org/fts5.html#the_merge_command
    """
    with connection.cursor() as cursor:
        for _ in range(MOST_MERGES):
            before = _rows_changed(cursor)
            cursor.execute(
                "INSERT INTO reader_passage (reader_passage, rank) VALUES ('merge', %s)",
                [MERGED_PAGES],
            )
            if _rows_changed(cursor) - before < 2:
                return


def _rows_changed(cursor: Any) -> int:
    cursor.execute("SELECT total_changes()")
    return int(cursor.fetchone()[0])


def fill(blocks: Any) -> None:
    """Take in what these blocks say: all there are, after a migration or out of a backup."""
    rows = blocks.order_by("pk").values_list("pk", "document__owner_id", "html")
    last = 0
    while some := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        put((pk, owner, shown_text(html)) for pk, owner, html in some)
        last = some[-1][0]
    settle()


def find(owner: int, query: Query, *, limit: int) -> list[int]:
    """Return blocks of an owner's documents that say all of this, the latest first.

    However many there are, few are looked at: with two million blocks a word such as "the" is in
    most of them. So of what is in very many, older ones may be passed over.
    """
    if not query:
        return []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            return _find_in_sqlite(cursor, owner, query, limit)
    with transaction.atomic(), connection.cursor() as cursor:  # what is set there holds so long
        return _find_in_postgresql(cursor, owner, query, limit)


def _find_in_sqlite(cursor: Any, owner: int, query: Query, limit: int) -> list[int]:
    """FTS5 goes through the hits of words, and of beginnings in its prefix index, from the latest
    on. All hits of a longer beginning it puts together first: that is left for those that are rare.
    """
    if query.goes_on and len(query.phrases[-1][-1]) > LONGEST_PREFIX:
        *whole, last = query.phrases
        cut = Query((*whole, (*last[:-1], last[-1][:LONGEST_PREFIX])))
        cursor.execute(
            "SELECT rowid, instr(' ' || words, %s) > 0 FROM reader_passage "
            "WHERE reader_passage MATCH %s ORDER BY rowid DESC LIMIT %s",
            [f" {' '.join(last)}", _match(owner, cut), CANDIDATES],
        )
        looked_at = cursor.fetchall()
        found = [block for block, is_hit in looked_at if is_hit]
        if len(found) >= limit or len(looked_at) < CANDIDATES:
            return found[:limit]
    cursor.execute(
        "SELECT rowid FROM reader_passage WHERE reader_passage MATCH %s "
        "ORDER BY rowid DESC LIMIT %s",
        [_match(owner, query), limit],
    )
    return [block for (block,) in cursor.fetchall()]


def _find_in_postgresql(cursor: Any, owner: int, query: Query, limit: int) -> list[int]:
    """A GIN index knows no order, and makes a list of all hits before it gives the first.

    What is in many blocks is in some of the latest documents, or of a sample, so these are looked
    at without the index. The index has what is rarer. It also makes a list of all that begins like
    the last word, of all owners: where that takes longer, only the owner and the whole words are
    looked up, and the last word is compared row by row until there are enough.
    """
    *words, last = _tsqueries(query)
    whole = " & ".join([_owner(owner), *words])
    parameters = {"all": f"{whole} & {last}", "whole": whole, "last": last, "number": owner}
    cursor.execute(LATEST, parameters)
    latest, say_whole_of_latest = cursor.fetchone()
    if len(latest) >= limit:
        return sorted(latest, reverse=True)[:limit]
    cursor.execute(SAMPLE, parameters)
    sample, say_whole, say_last, percent = cursor.fetchone()
    found = {*latest, *sample}
    # An estimate for the whole table; the latest show how often both stand together.
    hits = say_whole * 100 / percent * len(found) / max(1, say_whole + say_whole_of_latest)
    if len(found) >= (min(ENOUGH, limit) if hits > TIMES_MORE * limit else limit):
        return sorted(found, reverse=True)[:limit]
    cursor.execute(SETTINGS)
    share_read = min(1, limit / max(1, hits))
    if say_last > say_whole * (1 + FAR_MORE * share_read):
        cursor.execute(f"{INDEXED}{ROW_BY_ROW} LIMIT %s", [whole, last, limit])
    else:
        cursor.execute(f"{INDEXED} LIMIT %s", [parameters["all"], TIMES_MORE * limit])
    found.update(block for (block,) in cursor.fetchall())
    return sorted(found, reverse=True)[:limit]


def _match(owner: int, query: Query) -> str:
    phrases = [" + ".join(f'"{token}"' for token in phrase) for phrase in query.phrases]
    if query.goes_on:
        phrases[-1] += "*"
    return f"owner : u{owner} AND words : ({' AND '.join(phrases)})"


def _held(text: str) -> list[str]:
    """Return the words of a text that the index holds: all, unless it is longer than any block."""
    words = tokens(text)[:MOST_TOKENS]
    if len(text) * MOST_OF_ONE <= MOST_LETTERS:
        return words
    ends = accumulate(map(len, words))
    return [word for word, end in zip(words, ends, strict=True) if end <= MOST_LETTERS]


def _vector(owner: int, words: Sequence[str]) -> str:
    """Return these words with their places, as PostgreSQL writes a tsvector.

    What is between two words is always the same: to join these parts takes a sixth of the time of
    formatting each word.
    """
    parts = [f"{_owner(owner)} '"] + [""] * (2 * len(words))
    parts[1::2], parts[2::2] = words, PLACES[: len(words)]
    return "".join(parts)[:-2]  # after the last word none is opened


def _owner(owner: int) -> str:
    """Return what stands for an owner in PostgreSQL's index: no word begins like it."""
    return f"'={owner}'"


def _tsqueries(query: Query) -> list[str]:
    quoted = [[f"'{token}'" for token in phrase] for phrase in query.phrases]
    if query.goes_on:
        quoted[-1][-1] += ":*"
    return [f"({' <-> '.join(each)})" for each in quoted]
