"""The messages of the reading session's socket, in one place, and what is sent over the layer.

``static/js/session/protocol.js`` says the same to the page; a test compares the two.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict
from uuid import UUID

from django.urls import reverse

from tts.delivery.events import Marks, VariantChanged, publish

PROTOCOL_VERSION = 1
MAX_WINDOW = 64

CLOSE_NOT_SIGNED_IN = 4401
CLOSE_NOT_FOUND = 4404

ErrorCode = Literal[
    "bad_message", "unknown_voice", "bad_index", "rate_limited", "over_quota", "unavailable"
]


# --- from the page ------------------------------------------------------------------------------


class SetVoice(TypedDict):
    type: Literal["set_voice"]
    model_slug: str
    voice_slug: str


class Synthesize(TypedDict):
    type: Literal["synthesize"]
    block_indices: list[int]
    retry: NotRequired[bool]


class Cancel(TypedDict):
    type: Literal["cancel"]


class SavePosition(TypedDict):
    type: Literal["save_position"]
    block_idx: int
    offset_ms: int
    playing: NotRequired[bool]


class Ping(TypedDict):
    type: Literal["ping"]


# --- to the page --------------------------------------------------------------------------------


class Place(TypedDict):
    block_idx: int
    offset_ms: int


class Ready(TypedDict):
    type: Literal["ready"]
    seq: NotRequired[int]
    protocol: int
    session_id: str
    document_id: str
    revision: int
    block_count: int
    model_slug: str
    voice_slug: str
    cached: list[tuple[int, int]]
    position: Place


class SpokenBy(TypedDict):
    """The voice that stands in for the session's, which cannot speak a block's language."""

    model_slug: str
    voice_slug: str
    name: str


class BlockStatus(TypedDict):
    type: Literal["status"]
    seq: NotRequired[int]
    document_id: str
    revision: int
    block_idx: int
    status: str
    audio_url: str | None
    marks_url: str | None
    duration_ms: int | None
    bytes: int | None
    error: str
    retryable: bool
    model_slug: str  # always the session's voice
    voice_slug: str
    spoken_by: NotRequired[SpokenBy | None]  # the stand-in, if it is not that voice
    marks: NotRequired[Marks | None]  # while it grows: those of the words so far, if they are known


class PositionMoved(TypedDict):
    type: Literal["position"]
    seq: NotRequired[int]
    block_idx: int
    offset_ms: int
    session_id: str
    # Of a page that says whether it plays.
    device: NotRequired[str]
    same_browser: NotRequired[bool]
    playing: NotRequired[bool]


class Progress(TypedDict):
    type: Literal["progress"]
    seq: NotRequired[int]
    job: str
    done: int
    total: int
    status: str
    error: str


class SocketError(TypedDict):
    type: Literal["error"]
    seq: NotRequired[int]
    code: ErrorCode
    message: str
    block_indices: list[int]


class Pong(TypedDict):
    type: Literal["pong"]
    seq: NotRequired[int]


FROM_PAGE = (SetVoice, Synthesize, Cancel, SavePosition, Ping)
TO_PAGE = (Ready, BlockStatus, PositionMoved, Progress, SocketError, Pong)
ToPage = Ready | BlockStatus | PositionMoved | Progress | SocketError | Pong


def can_be_heard(variant: VariantChanged) -> bool:
    """Tell whether there is sound of it: all of it, or what there is while it grows."""
    return variant["status"] in ("cached", "processing")


def block_status(
    *,
    document_id: str,
    revision: int,
    block_idx: int,
    model_slug: str,
    voice_slug: str,
    spoken_by: SpokenBy | None,
    variant: VariantChanged,
) -> BlockStatus:
    """Say of one block how its sound in the session's voice is, or in the one that stands in."""
    cached = variant["status"] == "cached"
    playable = can_be_heard(variant)
    sound = (variant["variant_id"], variant["sound_revision"])
    return {
        "type": "status",
        "document_id": document_id,
        "revision": revision,
        "block_idx": block_idx,
        "status": variant["status"],
        "audio_url": reverse("audio", args=sound) if playable else None,
        "marks_url": reverse("marks", args=sound) if cached and variant["has_marks"] else None,
        "duration_ms": variant["duration_ms"] if cached else None,
        "bytes": variant["bytes"] if cached else None,
        "error": variant["error"],
        "retryable": variant["retryable"],
        "model_slug": model_slug,
        "voice_slug": voice_slug,
        "spoken_by": spoken_by,
        "marks": variant.get("marks") if variant["status"] == "processing" else None,
    }


# --- over the layer -----------------------------------------------------------------------------


def account_group(user_pk: int) -> str:
    """Return the group of all open pages of a person."""
    return f"account.{user_pk}"


def listening_group(user_id: int, document_id: UUID) -> str:
    """Return the group of one person's sessions on one document."""
    return f"listening.{user_id}.{document_id.hex}"


def position_message(
    session_id: str, block_idx: int, offset_ms: int, **about: bool | str
) -> dict[str, Any]:
    """Return the layer's message that a session of this person moved.

    ``about``: whether it is ``playing``, on which ``device`` and in which ``browser``, if the page
    told of it.
    """
    return {
        "type": "position.moved",
        "session_id": session_id,
        "block_idx": block_idx,
        "offset_ms": offset_ms,
        **about,
    }


def document_changed(user_id: int, document_id: UUID) -> None:
    """Tell the sessions on a document to look at it again: blocks came, or it is gone."""
    publish(listening_group(user_id, document_id), {"type": "document.changed"})


def job_progress(
    user_id: int,
    document_id: UUID,
    *,
    job: str,
    done: int,
    total: int,
    status: str,
    error: str = "",
) -> None:
    """Tell how an import or a preparation goes: running, done, stopped, or error."""
    publish(
        listening_group(user_id, document_id),
        {
            "type": "job.progressed",
            "job": job,
            "done": done,
            "total": total,
            "status": status,
            "error": error,
        },
    )
