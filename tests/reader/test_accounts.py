"""Signing in, out and up; changing the password."""

import pytest
from django.test import Client

from reader.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

LOGIN, SIGNUP, CHANGE = "/accounts/login/", "/accounts/signup/", "/accounts/password_change/"


@pytest.fixture(autouse=True)
def _anybody_may_make_an_account(settings) -> None:
    settings.SIGNUP_OPEN = True


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_a_person_signs_in_and_out(client, alice):
    data = {"username": "alice", "password": "a-long-password"}
    response = client.post(LOGIN, data)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert is_signed_in(client)
    response = client.post("/accounts/logout/")
    assert (response.status_code, response.headers["Location"]) == (302, LOGIN)
    assert not is_signed_in(client)


def test_after_signing_in_one_is_where_one_wanted_to_be(client, alice):
    data = {"username": "alice", "password": "a-long-password"}
    response = client.post(f"{LOGIN}?next=/settings/", {**data, "next": "/settings/"})
    assert response.headers["Location"] == "/settings/"
    client.logout()
    elsewhere = client.post(LOGIN, {**data, "next": "https://evil.example/"})
    assert elsewhere.headers["Location"] == "/"


def test_what_a_password_must_be_is_said_in_a_line_and_what_is_wrong_in_full(alice):
    as_alice = Client()
    as_alice.force_login(alice)
    for client, path, name in ((Client(), SIGNUP, "password"), (as_alice, CHANGE, "new_password")):
        page = client.get(path).content.decode()
        assert "At least 8 characters, and none that is easily guessed." in page
        assert "entirely numeric" not in page
        data = {f"{name}1": "12345", f"{name}2": "12345"}
        assert "entirely numeric" in client.post(path, data).content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"username": "alice", "password": "wrong"},
        {"username": "nobody", "password": "a-long-password"},
        {"username": "alice", "password": ""},
        {},
    ],
)
def test_a_wrong_sign_in_is_refused_in_words(client, alice, data):
    response = client.post(LOGIN, data)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not is_signed_in(client)


def test_a_wrong_password_and_an_unknown_name_look_the_same(client, alice):
    def errors(name: str) -> list[str]:
        form = client.post(LOGIN, {"username": name, "password": "wrong"}).context["form"]
        return form.non_field_errors()

    assert errors("alice") == errors("nobody")


def test_signing_out_needs_a_post(as_alice):
    assert as_alice.get("/accounts/logout/").status_code == 405
    assert is_signed_in(as_alice)


def test_who_is_signed_in_needs_no_sign_in_page(as_alice):
    assert as_alice.get(LOGIN).headers["Location"] == "/"


def test_a_new_person_signs_up_and_is_signed_in(client):
    data = {"username": "carol", "password1": "c-long-password", "password2": "c-long-password"}
    response = client.post(SIGNUP, data)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert is_signed_in(client)
    carol = User.objects.get()
    assert (carol.username, carol.is_staff, carol.is_superuser) == ("carol", False, False)


@pytest.mark.parametrize(
    "changed",
    [
        {"username": "alice"},
        {"username": "ALICE"},
        {"username": ""},
        {"username": "has a space"},
        {"password2": "another-password"},
        {"password1": "short", "password2": "short"},
        {"password1": "password123", "password2": "password123"},
        {"password1": "8472910384", "password2": "8472910384"},
    ],
)
def test_a_wrong_sign_up_is_refused_in_words(client, alice, changed):
    data = {"username": "carol", "password1": "c-long-password", "password2": "c-long-password"}
    response = client.post(SIGNUP, data | changed)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert User.objects.count() == 1
    assert not is_signed_in(client)


def test_nobody_signs_up_as_staff(client):
    data = {"username": "carol", "password1": "c-long-password", "password2": "c-long-password"}
    client.post(SIGNUP, {**data, "is_staff": "on", "is_superuser": "on"})
    carol = User.objects.get()
    assert (carol.is_staff, carol.is_superuser) == (False, False)


def test_signing_up_can_be_switched_off(client, settings):
    assert SIGNUP in client.get(LOGIN).content.decode()
    settings.SIGNUP_OPEN = False
    data = {"username": "carol", "password1": "c-long-password", "password2": "c-long-password"}
    assert client.get(SIGNUP).status_code == client.post(SIGNUP, data).status_code == 404
    assert SIGNUP not in client.get(LOGIN).content.decode()
    assert not User.objects.exists()


def test_a_person_changes_the_password_and_stays_signed_in(as_alice, alice):
    data = {
        "old_password": "a-long-password",
        "new_password1": "a-longer-password",
        "new_password2": "a-longer-password",
    }
    elsewhere = Client()
    elsewhere.force_login(alice)
    response = as_alice.post(CHANGE, data)
    assert (response.status_code, response.headers["Location"]) == (302, f"{CHANGE}done/")
    assert as_alice.get(f"{CHANGE}done/").status_code == 200
    assert is_signed_in(as_alice)
    assert not is_signed_in(elsewhere), "Whoever else was signed in is signed out."
    assert Client().login(username="alice", password="a-longer-password")


def test_the_password_is_not_changed_without_the_old_one(as_alice, alice):
    data = {
        "old_password": "wrong",
        "new_password1": "a-longer-password",
        "new_password2": "a-longer-password",
    }
    assert as_alice.post(CHANGE, data).status_code == 200
    assert Client().login(username="alice", password="a-long-password")


@pytest.mark.parametrize(
    "address", [LOGIN, SIGNUP, "/accounts/logout/", CHANGE, "/settings/", "/preferences/"]
)
def test_a_form_of_another_site_is_refused(alice, address):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(address, {}).status_code == 403
    assert is_signed_in(client)


def test_cookies_are_not_for_scripts(client, alice):
    client.get(LOGIN)
    client.post(LOGIN, {"username": "alice", "password": "a-long-password"})
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
