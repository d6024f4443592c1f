"""The description: of everything, and as a page that a strict policy lets be seen."""

import pytest

from reader.api.site import api
from tests.reader.conftest import INLINE

pytestmark = pytest.mark.django_db


def test_the_description_tells_of_all_paths_that_others_rely_on(client):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert {
        "/api/v1/documents", "/api/v1/documents/{uuid}", "/api/v1/documents/{uuid}/blocks",
        "/api/v1/documents/{uuid}/outline", "/api/v1/voices",
    } <= set(schema["paths"])  # fmt: skip
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["security"], (method, path)
            assert {"401", "403", "429"} <= set(operation["responses"]), (method, path)
    names = [
        operation["operationId"] for of in schema["paths"].values() for operation in of.values()
    ]
    assert len(set(names)) == len(names)


@pytest.mark.usefixtures("static_files")
def test_the_page_shows_every_call_without_anything_from_elsewhere(client, as_alice):
    page = as_alice.get("/api/v1/docs")
    assert page.status_code == client.get("/api/v1/docs").status_code == 200
    content = page.content.decode()
    assert not INLINE.search(content)
    assert "https://" not in content.partition("<main")[2].partition("</main")[0]
    for path in api.get_openapi_schema()["paths"]:
        assert path in content
