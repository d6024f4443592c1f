"""Exports over the API: begun, followed, fetched, deleted."""

import pytest

from reader.exporting import job
from reader.models import Delivery, Export
from reader.services.webhooks import add_webhook

from .conftest import is_problem

pytestmark = pytest.mark.django_db


def test_an_export_is_begun_followed_fetched_and_deleted(alices, bobs, alice, document):
    add_webhook(user=alice, url="https://example.org/hook", events=["export.done"])
    path = f"/documents/{document.uuid}/exports"
    kind = next(kind for kind in ("markdown", "text") if kind in _kinds(alices))
    begun = alices.post(path, {"kind": kind, "voice": "tone/tone-300"})
    assert begun.status_code == 202, begun.content
    one = begun.json()
    assert (one["kind"], one["status"], one["progress"]) == (kind, "queued", 0.0)
    address = f"{path}/{one['id']}"
    is_problem(alices.get(f"{address}/file"), 404)
    while job.run(Export.objects.get()):
        pass
    told = alices.get(address).json()
    assert (told["status"], told["progress"], told["error"]) == ("done", 1.0, "")
    file = alices.get(f"{address}/file")
    content = b"".join(file.streaming_content) if file.streaming else file.content
    assert len(content) == told["bytes"]
    assert b"about the sea" in content
    part = alices.get(f"{address}/file", Range="bytes=0-4")
    assert (part.status_code, part.content) == (206, content[:5])
    assert Delivery.objects.get().payload["id"] == one["id"]
    for answer in (bobs.get(address), bobs.get(f"{address}/file"), bobs.delete(address)):
        is_problem(answer, 404)
    assert [each["id"] for each in alices.get(path).json()["items"]] == [one["id"]]
    assert alices.delete(address).status_code == 204
    assert not Export.objects.exists()


def test_what_cannot_be_made_is_told(alices, document):
    path = f"/documents/{document.uuid}/exports"
    is_problem(
        alices.post(path, {"kind": "nothing", "voice": "tone/tone-300"}), 409, "kind of file"
    )
    is_problem(alices.post(path, {"kind": "m4b", "voice": "tone/none"}), 404, "no such voice")
    is_problem(alices.post(path, {}), 422)


def _kinds(program) -> list[str]:
    schema = program.get("/openapi.json").json()
    return schema["components"]["schemas"]["NewExport"]["properties"]["kind"]["enum"]
