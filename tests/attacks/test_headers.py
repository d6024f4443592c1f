"""What the headers of requests and answers must not do."""

import json
import os
import subprocess
import sys

import pytest
from asgiref.testing import ApplicationCommunicator
from django.test import Client

from config.asgi import application
from tests.test_settings import settings_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]

LOGIN = "/accounts/login/"


async def status_of(method: str, path: str, content_type: bytes) -> int:
    """Ask the application itself; return the status of its answer."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "server": ("localhost", 80),
        "headers": [(b"host", b"localhost"), (b"content-type", content_type)],
    }  # fmt: skip
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "http.request", "body": b"username=a&password=b"})
    head = await communicator.receive_output(10)
    await communicator.wait(10)
    return head["status"]


@pytest.mark.parametrize(
    "charset",
    ["utf-16", "utf-7", "utf-32", "idna", "punycode", "base64", "rot13", "nonsense", "\xe9", "'x"],
)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_form_in_another_character_set_is_refused_and_no_defect(charset, kind):
    content_type = f"{kind}; boundary=x; charset={charset}".encode("latin-1")
    for method in ("POST", "GET"):
        for path in ("/accounts/login/", "/?page=%ff", "/nowhere/"):
            assert await status_of(method, path, content_type) == 415


def test_a_form_in_utf8_says_so_in_peace(client, alice):
    kind = "application/x-www-form-urlencoded; charset=UTF-8"
    data = "username=alice&password=a-long-password"
    assert client.post(LOGIN, data, content_type=kind).status_code == 302


@pytest.mark.parametrize(
    "path",
    ["/", "/settings/", "/settings/words/", "/documents/new/", "/admin/", LOGIN, "/nowhere/"],
)
def test_pages_of_a_person_are_kept_by_no_cache(staff_client, document, path):
    for client in (Client(), staff_client):
        answered = client.get(path)["Cache-Control"]
        assert "private" in answered or "no-store" in answered
    assert "no-store" in staff_client.get(document.get_absolute_url())["Cache-Control"]


@pytest.fixture
def staff_client(alice) -> Client:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client = Client()
    client.force_login(alice)
    return client


# --- behind TLS -----------------------------------------------------------------------------------

ASK = """
import django, json
django.setup()
from django.test import Client
def answer(path, **headers):
    response = Client().get(path, headers={"host": "localhost", **headers})
    headers = [response.get(name) for name in ("Location", "Strict-Transport-Security")]
    return [response.status_code, *headers]
print(json.dumps([
    answer("/accounts/login/"),
    answer("/accounts/login/", x_forwarded_proto="http"),
    answer("/accounts/login/", x_forwarded_proto="https"),
    answer("/healthz"),
]))
"""


def test_behind_tls_everything_goes_over_https(tmp_path):
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "BEHIND_TLS": "yes"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    *_, answers = asked.stdout.splitlines()
    bare, plain, tls, health = json.loads(answers)
    assert bare[:2] == plain[:2] == [301, "https://localhost/accounts/login/"]
    assert tls == [200, None, "max-age=31536000"]
    assert health[0] == 200
    settings = json.loads(settings_with(tmp_path, BEHIND_TLS="yes").stdout)
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]


# --- what whoever runs it has to set --------------------------------------------------------------


def test_an_unknown_host_is_told_with_the_setting(client):
    answered = client.get("/", headers={"host": "read.example.org:8000"})
    page = answered.content.decode()
    assert answered.status_code == 400
    assert "<strong>read.example.org</strong>" in page
    assert "<code>ALLOWED_HOSTS</code>" in page
    page = client.get("/", headers={"host": '"><script>x</script>'}).content.decode()
    assert "<script>x" not in page


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("https://testserver", "<code>BEHIND_TLS=yes</code>"),
        ("http://testserver:8123", "<code>CSRF_TRUSTED_ORIGINS=http://testserver:8123</code>"),
        ("https://read.example.org", "<code>CSRF_TRUSTED_ORIGINS=https://read.example.org</code>"),
    ],
)
def test_a_form_of_an_origin_that_is_not_known_is_told_with_the_setting(alice, origin, told):
    client = Client(enforce_csrf_checks=True)
    client.get(LOGIN)
    answered = client.post(LOGIN, {"username": "alice"}, headers={"origin": origin})
    assert answered.status_code == 403
    assert told in answered.content.decode()


def test_a_token_that_is_missing_is_told_without_settings(client):
    strict = Client(enforce_csrf_checks=True)
    page = strict.post(LOGIN, {"username": "alice"}).content.decode()
    assert "This page was open too long" in page
    assert "CSRF_TRUSTED_ORIGINS" not in page
