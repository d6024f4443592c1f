"""Guessing passwords, and keeping others from signing in."""

import asyncio
import threading
from ipaddress import ip_network

import pytest
from allauth.account.models import EmailAddress
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, RequestFactory

from config.asgi import application
from config.hashing import MOST_OF_A_CLIENT
from reader.clients import client_of
from reader.models import User
from reader.services import attempts

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("static_files"),
]

LOGIN, SIGNUP = "/accounts/login/", "/accounts/signup/"
CHANGE = "/accounts/password_change/"
TOO_MANY = "Too many attempts to sign in. For your safety, please wait 15 minutes and try again."


@pytest.fixture(autouse=True)
def _anybody_may_make_an_account(settings) -> None:
    settings.SIGNUP_OPEN = True


def guess(path: str, name: str = "alice", password: str = "wrong", client=None, **headers):
    data = {"username": name, "password": password}
    answered = (client or Client()).post(path, data, headers=headers)
    return answered.status_code, TOO_MANY in answered.content.decode()


def test_an_account_bears_so_many_guesses_and_no_more(alice):
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True)
    for n in range(attempts.FAILURES_OF_ACCOUNT):
        assert guess(LOGIN, REMOTE_ADDR=f"10.0.0.{n}") == (200, False)
    assert guess(LOGIN, password="a-long-password") == (429, True)
    assert guess(LOGIN, name="ALICE ")[1], "However the name is spelled."
    assert guess(LOGIN, name="alice@example.org")[1], "One count, by name or by address."
    assert guess(LOGIN, name="bob") == (200, False)


def test_staff_have_no_other_way_in(alice):
    alice.is_staff = True
    alice.save()
    answered = Client().post("/admin/login/", {"username": "alice", "password": "a-long-password"})
    assert answered.headers["Location"] == "/accounts/login/?next=/admin/"


HEADERS = ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "X-Client-IP", "Via"]


def test_a_changed_header_or_name_evades_nothing(alice, monkeypatch):
    monkeypatch.setattr(attempts, "FAILURES_OF_CLIENT", 12)
    for n in range(12):
        forged = {name: f"for=10.1.1.{n}" if name == "Forwarded" else f"10.1.1.{n}"
                  for name in HEADERS}  # fmt: skip
        assert guess(LOGIN, name=f"person-{n}", User_Agent=str(n), **forged) == (200, False)
    assert guess(LOGIN, name="another", **{"X-Forwarded-For": "10.9.9.9"}) == (429, True)


@pytest.mark.parametrize(
    ("trusted", "peer", "told", "client"),
    [
        ("", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1,10.0.0.0/8", "127.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.3.4", "198.51.100.1"),
        ("127.0.0.1", "127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::1", "::1", "2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
        ("", "2001:db8:0:1:ffff::7", "", "2001:db8:0:1::/64"),
    ],
)
def test_only_a_trusted_proxy_tells_of_another_client(settings, trusted, peer, told, client):
    settings.TRUSTED_PROXIES = [ip_network(each) for each in trusted.split(",") if each]
    headers = {"HTTP_X_FORWARDED_FOR": told} if told else {}
    assert client_of(RequestFactory().get("/", REMOTE_ADDR=peer, **headers)) == client


def test_who_guesses_elsewhere_does_not_lock_the_owner_out(alice):
    home = Client(REMOTE_ADDR="10.7.7.7")
    assert guess(LOGIN, password="a-long-password", client=home)[0] == 302
    for _ in range(attempts.FAILURES_OF_ACCOUNT + 1):
        guess(LOGIN)
    assert guess(LOGIN, password="a-long-password") == (429, True)
    home = Client(REMOTE_ADDR="10.7.7.7")
    assert guess(LOGIN, password="a-long-password", client=home)[0] == 302


def test_others_of_the_same_address_do_not_lock_out_who_signed_in_from_there(
    alice, bob, monkeypatch
):
    monkeypatch.setattr(attempts, "FAILURES_OF_CLIENT", 5)
    assert guess(LOGIN, password="a-long-password")[0] == 302
    for n in range(6):
        guess(LOGIN, name=f"person-{n}")
    assert guess(LOGIN, name="bob", password="b-long-password") == (429, True)
    assert guess(LOGIN, password="a-long-password")[0] == 302


def test_signing_in_forgets_the_slips_before(alice):
    for _ in range(3):
        for _ in range(attempts.FAILURES_OF_ACCOUNT - 1):
            assert guess(LOGIN) == (200, False)
        assert guess(LOGIN, password="a-long-password")[0] == 302


def test_without_redis_people_sign_in(alice, monkeypatch):
    def away():
        raise attempts.redis.ConnectionError

    monkeypatch.setattr(attempts, "redis_client", away)
    assert guess(LOGIN, password="a-long-password")[0] == 302


def test_a_client_makes_so_many_accounts_and_no_more(db, monkeypatch):
    monkeypatch.setattr(attempts, "SIGN_UPS_OF_CLIENT", 3)
    for n in range(4):
        password = f"{n}-long-password"
        data = {"username": f"carol{n}", "password1": password, "password2": password}
        answered = Client().post(SIGNUP, data, headers={"X-Forwarded-For": f"10.0.0.{n}"})
        assert answered.status_code == (302 if n < 3 else 429)
    assert "Too many attempts to make accounts." in answered.content.decode()
    assert User.objects.count() == 3


def test_who_took_over_a_session_does_not_guess_its_password(as_alice):
    data = {"old_password": "wrong", "new_password1": "x", "new_password2": "x"}
    for _ in range(attempts.FAILURES_OF_ACCOUNT + 1):
        page = as_alice.post(CHANGE, data).content.decode()
    assert "Too many attempts to sign in." in page
    assert as_alice.get("/admin/password_change/").headers["Location"] == CHANGE


# --- the threads that hash ------------------------------------------------------------------------

gate = threading.Event()


class SlowHasher(MD5PasswordHasher):
    def verify(self, password: str, encoded: str) -> bool:
        gate.wait(30)
        return super().verify(password, encoded)


def request(method: str, path: str, body: bytes = b"", client: str = "10.0.0.1"):
    headers = [(b"host", b"localhost"), (b"content-length", str(len(body)).encode())]
    if body:
        headers += [
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"cookie", b"csrftoken=" + b"x" * 32),
        ]
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": headers, "server": ("localhost", 80),
        "client": (client, 1),
    }  # fmt: skip
    return ApplicationCommunicator(application, scope)


async def status_of(communicator, body: bytes = b"") -> int:
    await communicator.send_input({"type": "http.request", "body": body})
    return (await communicator.receive_output(20))["status"]


async def test_pages_wait_for_no_hash_and_one_client_does_not_take_every_place(alice, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.SlowHasher"]
    gate.clear()
    body = b"username=alice&password=wrong&csrfmiddlewaretoken=" + b"x" * 32
    flood = [
        asyncio.create_task(status_of(request("POST", LOGIN, body), body))
        for _ in range(MOST_OF_A_CLIENT + 18)
    ]
    try:
        await asyncio.sleep(0.3)
        assert await status_of(request("GET", LOGIN)) == 200
        refused = [task.result() for task in flood if task.done()]
        assert refused == [503] * 18
        other = asyncio.create_task(status_of(request("POST", LOGIN, body, "10.0.0.2"), body))
        await asyncio.sleep(0.2)
        assert not other.done(), "It has a place, and waits."
    finally:
        gate.set()
    assert await other == 200
    assert {await task for task in flood} <= {200, 429, 503}


# --- passwords ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa", "AAAAaaaaAAAA", "abababababab", "abcabcabcabc", "lectern!lectern!",
        "Lectern2026", "abcdefghijkl", "zyxwvutsrqpo", "qwertzuiopas", "asdfghjkl12",
        "1234567890ab", "112233445566", "éééééééééééé", "            ",
    ],
)  # fmt: skip
def test_a_password_that_says_little_is_refused_in_words(client, db, password):
    data = {"username": "carol", "password1": password, "password2": password}
    answered = client.post(SIGNUP, data)
    assert answered.status_code == 200
    assert "errorlist" in answered.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "Ulysses-1922", "tr0ub4dor&3", "vierzig Enten", "x7#Qm2!p"],
)
def test_a_password_that_says_something_is_taken(client, db, password):
    data = {"username": "carol", "password1": password, "password2": password}
    assert client.post(SIGNUP, data).status_code == 302
