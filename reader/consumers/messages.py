"""Read what a page sends: hostile until each key and type is seen to be right."""

from __future__ import annotations

import json
import re
from typing import Any, get_type_hints

from .. import events

MAX_MESSAGE_CHARACTERS = 16 * 1024
MAX_OFFSET_MS = 2**31 - 1
SLUG = re.compile(r"[-\w]{1,100}", re.ASCII)

TYPES: dict[str, Any] = {
    get_type_hints(message)["type"].__args__[0]: message for message in events.FROM_PAGE
}


class BadMessage(Exception):
    """Not a message of the protocol."""


class BadIndex(Exception):
    """A block index that the document does not have."""

    def __init__(self, message: str, indices: list[int]) -> None:
        super().__init__(message)
        self.indices = indices


def parse_message(text: str | None) -> dict[str, Any]:
    """Return a message whose keys and types are those of its type. Raises BadMessage."""
    if text is None:
        raise BadMessage("Messages are JSON text.")
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise BadMessage("That message is too long.")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage("Messages are JSON text.") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise BadMessage("A message is an object with a type.")
    if message["type"] not in TYPES:
        raise BadMessage("There is no message of this type.")
    CHECKS[message["type"]](message)
    return message


def indices_of(message: dict[str, Any], block_count: int) -> list[int]:
    """Return the blocks a message is about, each once, in order. Raises BadIndex, BadMessage."""
    named: list[int] = []
    if message["type"] == "synthesize":
        named = message["block_indices"]
    elif message["type"] == "save_position":
        named = [message["block_idx"]]
    indices = list(dict.fromkeys(named))
    if bad := [idx for idx in indices if not 0 <= idx < block_count]:
        raise BadIndex("The document has no such block.", bad[: events.MAX_WINDOW])
    if len(indices) > events.MAX_WINDOW:
        raise BadMessage(f"At most {events.MAX_WINDOW} blocks can be wanted at once.")
    return indices


def _check_set_voice(message: dict[str, Any]) -> None:
    for key in ("model_slug", "voice_slug"):
        value = message.get(key)
        if not isinstance(value, str) or not SLUG.fullmatch(value):
            raise BadMessage(f"{key} must be a name.")


def _check_synthesize(message: dict[str, Any]) -> None:
    indices = message.get("block_indices")
    if not isinstance(indices, list) or not all(_is_integer(idx) for idx in indices):
        raise BadMessage("block_indices must be a list of whole numbers.")
    if not isinstance(message.get("retry", False), bool):
        raise BadMessage("retry must be true or false.")


def _check_save_position(message: dict[str, Any]) -> None:
    offset: Any = message.get("offset_ms")
    if not _is_integer(message.get("block_idx")):
        raise BadMessage("block_idx must be a whole number.")
    if not _is_integer(offset) or not 0 <= offset <= MAX_OFFSET_MS:
        raise BadMessage("offset_ms must be a whole number of milliseconds.")
    if not isinstance(message.get("playing", False), bool):
        raise BadMessage("playing must be true or false.")


def _nothing_more(message: dict[str, Any]) -> None:
    return None


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


CHECKS = {
    "set_voice": _check_set_voice,
    "synthesize": _check_synthesize,
    "cancel": _nothing_more,
    "save_position": _check_save_position,
    "ping": _nothing_more,
}
