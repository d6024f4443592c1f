"""What goes in and out, by name and type: the description is made of these."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from ..exporting.writers import KINDS

MOST = 2**31 - 1
# Letters or digits of any language, as JSON Schema writes them: there \w is that of ASCII.
HAS_WORDS: dict[str, Any] = {"pattern": r"[\p{L}\p{N}_]"}

# An address that is surely one. Names in other scripts are taken too.
PLAIN_ADDRESS: dict[str, Any] = {"pattern": r"^https?://[a-z0-9]+([.-][a-z0-9]+)*(/[!-~]*)?$"}

Item = TypeVar("Item")
Index = Annotated[int, Field(ge=0, le=MOST)]


class Input(Schema):
    """What a program sends: exactly these fields, of exactly these types."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Page(Schema, Generic[Item]):
    """A part of a list, and how long all of it is."""

    items: list[Item]
    count: int


# --- documents ----------------------------------------------------------------------------------


class NewText(Input):
    """A text to be read aloud."""

    text: str = Field(min_length=1, json_schema_extra=HAS_WORDS)
    title: str = Field("", max_length=300)


class NewGrowing(Input):
    """A text that is still being written: more is appended, and it is read meanwhile."""

    growing: Literal[True]
    text: str = ""
    title: str = Field("", max_length=300)


class More(Input):
    """What was written since; ``finished``: nothing more comes."""

    text: str = ""
    finished: bool = False


class NewPage(Input):
    """The address of a page or file on the web, which is fetched from there."""

    url: str = Field(
        max_length=2000, pattern=r"^https?://[^\s/?#@:]+", json_schema_extra=PLAIN_ADDRESS
    )
    title: str = Field("", max_length=300)


class Names(Input):
    """What a document is called from now on; what is left out stays."""

    title: str | None = Field(None, min_length=1, max_length=300, json_schema_extra=HAS_WORDS)
    author: str | None = Field(None, max_length=300)


class DocumentOut(Schema):
    """A document. ``status``: importing, ready or failed (``error`` says why)."""

    uuid: UUID
    title: str
    author: str
    site: str
    address: str = Field(description="Where a web page was found.")
    kind: str
    language: str = Field(description="BCP 47; empty while it is not known.")
    status: str
    growing: bool = Field(description="It is still being written: importing until it is finished.")
    error: str
    block_count: int
    revision: int = Field(description="Rises when its blocks are made anew.")
    created_at: datetime
    changed_at: datetime
    url: str = Field(description="The reading page.")


class BlockOut(Schema):
    """A unit of a document: ``html`` is shown, ``text`` spoken; empty: it is skipped."""

    idx: int
    kind: str
    level: int
    language: str
    html: str
    text: str
    spans: list[list[int]] = Field(
        description="Spoken to shown: [start in text, start in shown, length], in UTF-16 units."
    )


class OutlineOut(Schema):
    level: int
    title: str
    block_idx: int


class FoundOut(Schema):
    """What was found. ``kind``: document (by its name), note or text."""

    kind: str
    document: UUID
    title: str
    block_idx: int | None = None
    chapter: str = ""
    snippet: str = ""


# --- listening ----------------------------------------------------------------------------------


class VoiceOut(Schema):
    """A voice; ``voice`` names it wherever one is asked for."""

    voice: str = Field(description="model_slug/voice_slug")
    model_slug: str
    voice_slug: str
    name: str
    language: str
    model_name: str
    featured: bool
    nature: str


class Wanted(Input):
    """Blocks whose sound is wanted, the most wanted first: all that this token wants of it now."""

    blocks: list[Index] = Field(max_length=64)
    voice: str = Field("", max_length=200, description="Empty: the one its person listens in.")
    sound: str = Field(
        "", pattern="^(webm|mp3)?$", description="webm or mp3. Empty: the installation's."
    )
    retry: bool = Field(False, description="Try again what failed.")


class SoundOut(Schema):
    """How the sound of a block is. While it is processing it can be fetched as it grows."""

    block_idx: int
    status: str = Field(description="queued, processing, cached, error; skipped: nothing to say.")
    audio_url: str | None
    marks_url: str | None
    duration_ms: int | None
    bytes: int | None
    error: str
    retryable: bool
    spoken_by: str | None = Field(description="The voice that stands in, if another one does.")


class WantedOut(Schema):
    voice: str
    items: list[SoundOut]
    refused: str = Field(description="Why some are not made: a limit of use. Empty: none.")


class MarksOut(Schema):
    """When words are heard: [start, end, start_ms, end_ms], places in UTF-16 units of ``text``."""

    marks: list[list[int]]


class Place(Input):
    block_idx: int = Field(ge=0, le=MOST)
    offset_ms: int = Field(0, ge=0, le=MOST)


class PlaceOut(Schema):
    block_idx: int
    offset_ms: int


class NewAnnotation(Input):
    """A passage, in UTF-16 units of what its blocks show; both places the same: a bookmark."""

    kind: str = Field(pattern="^(bookmark|highlight)$")
    block_idx: int = Field(ge=0, le=MOST)
    start: int = Field(0, ge=0, le=MOST)
    end_block_idx: int = Field(ge=0, le=MOST)
    end: int = Field(0, ge=0, le=MOST)
    note: str = Field("", max_length=10_000)


class Note(Input):
    note: str = Field(max_length=10_000)


class AnnotationOut(Schema):
    id: int
    kind: str
    block_idx: int
    start: int
    end_block_idx: int
    end: int
    quote: str
    note: str


class NewWord(Input):
    """A word, and what is said instead of it, in all documents."""

    word: str = Field(min_length=1, max_length=100, json_schema_extra=HAS_WORDS)
    say: str = Field(min_length=1, max_length=200, json_schema_extra=HAS_WORDS)
    language: str = Field("", max_length=35, description="Such as en. Empty: in all.")
    match_case: bool = False
    whole_word: bool = True


class WordOut(Schema):
    id: int
    word: str
    say: str
    language: str
    match_case: bool
    whole_word: bool


class NewExport(Input):
    """What is made: ``kind`` is m4b, mp3, text and the like, as the export page names them."""

    kind: str = Field(max_length=20, json_schema_extra={"enum": [*KINDS]})
    voice: str = Field("", max_length=200, description="Empty: the one its person listens in.")
    chapters: list[Index] | None = Field(
        None, description="First blocks of chapters; none: all but those that are skipped."
    )


class ExportOut(Schema):
    """A file that is made of a document. ``status``: queued, running, done, error or stopped."""

    id: UUID
    kind: str
    voice: str
    status: str
    progress: float = Field(description="From 0 to 1.")
    error: str
    bytes: int
    duration_ms: int
    created_at: datetime
    expires_at: datetime | None


class ModelUseOut(Schema):
    name: str
    characters: int
    milliseconds: int
    cost: float


class DayUseOut(Schema):
    day: date
    characters: int


class UseOut(Schema):
    """What was made because this person wanted to hear it."""

    days: list[DayUseOut]
    models: list[ModelUseOut]
    limit: int = Field(description="Characters a day of voices with a price. 0: any number.")
    left: int | None


class ProblemOut(Schema):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] = []
