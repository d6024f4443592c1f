"""The API does what its description says, whatever it is sent: found out by schemathesis.

The gate tries a few examples of each call, ``make fuzz-api`` 300. What is wrong is tried in bodies
alone: a parameter in the address that there is not is passed over, as everywhere on the web.
"""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, assume, given, settings
from jsonschema_rs import validator_for
from schemathesis import GenerationMode

from tests.conftest import make_document

from .conftest import program_of

EXAMPLES = int(os.environ.get("API_EXAMPLES", "8"))
# What is well-formed may still say nothing: a text without words, a passage out of reach.
CONFIG = {
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "304", "401", "403", "404", "409", "416", "422", "429"]
        }
    }
}


@pytest.fixture
def operations(db, alice, voice, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    signals = (request_started, request_finished)
    for signal in signals:  # they would close the connection that holds the test's transaction
        signal.disconnect(close_old_connections)
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json",
        get_wsgi_application(),
        config=schemathesis.Config.from_dict(CONFIG),
    )
    yield [result.ok() for result in schema.get_all_operations()]
    for signal in signals:
        signal.connect(close_old_connections)


def test_every_operation_is_as_it_is_described(operations, alice):
    headers = {"Authorization": f"Bearer {program_of(alice).key}"}
    own = make_document(alice, "The first paragraph.\n\nThe second one.")
    tried: set[str] = set()
    for operation in operations:
        for mode in GenerationMode:
            if mode is GenerationMode.NEGATIVE and not operation.body:
                continue
            of_ours = str(own.uuid) if mode is GenerationMode.POSITIVE else ""
            tries(operation, mode, headers, of_ours, tried)()
    assert tried == {operation.label for operation in operations}
    assert len(tried) >= 25


def tries(operation, mode, headers, document, tried):
    """Return what sends some examples of an operation; ``document``: instead of a made-up one."""

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        derandomize="API_EXAMPLES" not in os.environ,  # the gate finds no luck and no bad luck
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def is_as_described(case):
        assume(mode is GenerationMode.POSITIVE or not is_right(case))
        if document and "uuid" in case.path_parameters and case.method != "DELETE":
            case.path_parameters["uuid"] = document
        case.call_and_validate(headers=headers)
        tried.add(case.operation.label)

    return is_as_described


def is_right(case) -> bool:
    """Whether a body that is meant to be wrong is not.

    Forms have texts alone: what is null, true or a number arrives as "null". In JSON the tester
    knows the letters of Latin script alone, and takes a text in another for one without words.
    """
    if (case.media_type or "").startswith("multipart/") and isinstance(case.body, dict):
        return any(value is None or isinstance(value, int | float) for value in case.body.values())
    operation = case.operation
    content = operation.definition.raw["requestBody"]["content"]
    if case.media_type != "application/json" or case.media_type not in content:
        return False
    said = {**content[case.media_type]["schema"]}
    said["components"] = operation.schema.raw_schema["components"]
    try:
        return validator_for(said).is_valid(case.body)
    except ValueError:  # bytes, which are no JSON at all
        return False
