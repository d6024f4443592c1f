"""The protocol is written down twice, for the server and for the page: the two must agree."""

import json
import subprocess
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from reader import events, messages
from tts.models import Status

PROTOCOL_JS = Path(__file__).parent.parent / "static/js/session/protocol.js"
TELL = """
import * as protocol from %s;
const { PROTOCOL_VERSION, MAX_WINDOW, ERROR_CODES, STATUSES, MESSAGES } = protocol;
const built = [
  protocol.setVoice({ model_slug: "model", voice_slug: "voice" }),
  protocol.synthesize([0, 1], { retry: true }),
  protocol.cancel(),
  protocol.savePosition(1, 2.5),
  protocol.savePosition(1, 2.5, true),
  protocol.ping(),
];
console.log(
  JSON.stringify({ PROTOCOL_VERSION, MAX_WINDOW, ERROR_CODES, STATUSES, MESSAGES, built }),
);
"""


@pytest.fixture(scope="module")
def page() -> dict:
    """What the page's module says of the protocol."""
    program = TELL % json.dumps(PROTOCOL_JS.as_uri())
    told = subprocess.run(
        ["node", "--input-type=module"], input=program, capture_output=True, text=True, check=True
    )
    return json.loads(told.stdout)


def keys_by_type(classes: tuple[type, ...]) -> dict[str, set[str]]:
    return {
        get_args(get_type_hints(message)["type"])[0]: set(get_type_hints(message))
        for message in classes
    }


def as_sets(table: dict[str, list[str]]) -> dict[str, set[str]]:
    assert all(len(keys) == len(set(keys)) for keys in table.values())
    return {type_: set(keys) for type_, keys in table.items()}


def test_both_know_the_same_messages_from_the_page(page):
    assert as_sets(page["MESSAGES"]["from_page"]) == keys_by_type(events.FROM_PAGE)


def test_both_know_the_same_messages_to_the_page(page):
    assert as_sets(page["MESSAGES"]["to_page"]) == keys_by_type(events.TO_PAGE)


def test_both_know_the_same_numbers_codes_and_statuses(page):
    assert page["PROTOCOL_VERSION"] == events.PROTOCOL_VERSION
    assert page["MAX_WINDOW"] == events.MAX_WINDOW
    assert page["ERROR_CODES"] == list(get_args(events.ErrorCode))
    assert page["STATUSES"] == Status.values


def test_what_the_page_builds_the_server_reads(page):
    assert [messages.parse_message(json.dumps(message)) for message in page["built"]] == page[
        "built"
    ]
    assert {message["type"] for message in page["built"]} == set(messages.TYPES)
