"""The server's part of what browsers keep of the sound."""

import pytest

from tests.conftest import make_document

from .test_pages import embedded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

PAGE = "/settings/sounds/"


def config(client) -> dict[str, object]:
    return embedded(client.get(PAGE).content.decode(), "kept-config")


def test_the_page_names_the_person_the_limit_and_only_their_documents(
    as_alice, alice, bob, document
):
    make_document(bob, "Hers is not his.")
    assert config(as_alice) == {
        "user": {"id": alice.pk, "kept_sounds_mb": 200},
        "titles": {str(document.uuid): document.title},
    }


def test_the_limit_is_kept(as_alice, alice):
    response = as_alice.post(PAGE, {"kept_sounds_mb": "50"})
    assert (response.status_code, response.headers["Location"]) == (302, PAGE)
    alice.refresh_from_db()
    assert alice.kept_sounds_mb == 50
    assert config(as_alice)["user"] == {"id": alice.pk, "kept_sounds_mb": 50}


@pytest.mark.parametrize("limit", ["-1", "10001", "many", ""])
def test_a_limit_out_of_bounds_is_refused_and_the_old_one_holds(as_alice, alice, limit):
    page = as_alice.post(PAGE, {"kept_sounds_mb": limit}).content.decode()
    assert "errorlist" in page
    assert embedded(page, "kept-config")["user"]["kept_sounds_mb"] == 200
    alice.refresh_from_db()
    assert alice.kept_sounds_mb == 200


def test_the_reading_page_knows_for_whom_and_how_much_to_keep(as_alice, alice, document):
    page = as_alice.get(f"/documents/{document.uuid}/").content.decode()
    user = embedded(page, "reading-config")["user"]
    assert (user["id"], user["kept_sounds_mb"]) == (alice.pk, 200)


def test_signing_out_has_the_browser_forget(as_alice):
    response = as_alice.post("/accounts/logout/")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_signing_out_twice_has_the_browser_forget_too(client):
    response = client.post("/accounts/logout/")
    assert response.status_code == 302
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_a_stranger_is_asked_to_sign_in(client):
    response = client.get(PAGE)
    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"/accounts/login/?next={PAGE}",
    )
