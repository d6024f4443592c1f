"""What an account gives away, and to whom: names, time, sessions, links."""

import re
import time
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth import hashers
from django.contrib.auth.hashers import PBKDF2PasswordHasher, pbkdf2
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from reader import tasks
from reader.models import User
from reader.services import attempts
from reader.services.first_sign_in import link_path

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("static_files"),
]
LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"
LINK = re.compile(r"http://testserver(/accounts/\S+)")
SECRET = "JBSWY3DPEHPK3PXP"
CHANGED = re.compile(r'value="[^"]*"')


@pytest.fixture
def staff(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="r-long-password"))
    return client


@pytest.fixture
def address(alice) -> str:
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True, primary=True)
    return "alice@example.org"


@pytest.fixture(autouse=True)
def _mail_is_sent_at_once(monkeypatch) -> None:
    """Have the tasks that send mail run where they are asked for: no worker runs here."""
    for task in (tasks.send_mail, tasks.send_reset_link):
        monkeypatch.setattr(task, "apply_async", lambda args, queue, task=task: task(*args))


def said(client: Client, path: str, data: dict[str, str]) -> tuple[int, str, str]:
    """Return all that is said: the status, where to, and the page without what was typed."""
    answered = client.post(path, data)
    page = CHANGED.sub("", answered.content.decode())
    return answered.status_code, answered.headers.get("Location", ""), page


def sign_in(client: Client, name: str = "alice", password: str = "a-long-password"):
    return client.post(LOGIN, {"username": name, "password": password})


# --- is there such a person? ----------------------------------------------------------------------


def test_a_wrong_password_and_an_unknown_name_are_told_alike(alice, address):
    def refused(name: str) -> tuple[int, str, str]:
        return said(Client(), LOGIN, {"username": name, "password": "wrong"})

    assert refused("alice") == refused("nobody") == refused(address) == refused("x@example.org")


def test_neither_words_nor_mail_to_others_tell_whose_address_it_is(address):
    known = said(Client(), RESET, {"email": address})
    unknown = said(Client(), RESET, {"email": "nobody@example.org"})
    assert known == unknown == (302, "/accounts/password/reset/done/", "")
    assert [each.to for each in mail.outbox] == [[address]]


def test_signing_up_does_not_tell_whose_address_it_is(address, settings):
    settings.SIGNUP_OPEN = True

    def told(name: str, email: str) -> tuple[int, str, str]:
        data = {"username": name, "email": email, "password1": "c-long-password"}
        data["password2"] = data["password1"]
        return said(Client(), "/accounts/signup/", data)

    assert told("carol", address) == told("dave", "nobody@example.org")
    assert EmailAddress.objects.get(email=address, verified=True).user.username == "alice"


def test_taking_another_address_does_not_tell_whose_it_is(address, bob):
    def told(email: str) -> tuple[int, str, str]:
        client = Client()
        client.force_login(bob)
        client.post("/accounts/reauthenticate/", {"password": "b-long-password"})
        return said(client, "/accounts/email/", {"action_add": "", "email": email})

    assert told(address) == told("nobody@example.org")
    assert EmailAddress.objects.get(email=address, verified=True).user.username == "alice"


def test_an_address_that_was_not_confirmed_gets_no_link(bob, alice):
    EmailAddress.objects.create(user=bob, email="alice@example.org", primary=True)
    Client().post(RESET, {"email": "alice@example.org"})
    assert mail.outbox == []


def test_an_address_that_was_not_confirmed_signs_nobody_in(alice):
    EmailAddress.objects.create(user=alice, email="alice@example.org", primary=True)
    assert sign_in(Client(), "alice@example.org").status_code == 200


def test_time_does_not_tell_whether_there_is_such_a_person(
    alice, bob, address, settings, monkeypatch
):
    """As much is hashed for everybody, and what else is done is nothing beside it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    strength = PBKDF2PasswordHasher.iterations
    alice.set_password("a-long-password")
    alice.save()
    bob.is_active = False
    bob.set_password("b-long-password")
    bob.save()
    User.objects.create_user("elsewhere")  # has a password with their provider alone
    with monkeypatch.context() as once:  # signed in last before Django hashed more thoroughly
        once.setattr(PBKDF2PasswordHasher, "iterations", strength // 4)
        User.objects.create_user("oldest", password="o-long-password")
    monkeypatch.setattr(attempts, "FAILURES_OF_ACCOUNT", 10_000)
    monkeypatch.setattr(attempts, "FAILURES_OF_CLIENT", 10_000)
    hashed: list[tuple[int, float]] = []  # iterations, seconds

    def timed(password: str, salt: str, iterations: int, **how: Any) -> bytes:
        begun = time.process_time()
        key = pbkdf2(password, salt, iterations, **how)
        hashed.append((iterations, time.process_time() - begun))
        return key

    monkeypatch.setattr(hashers, "pbkdf2", timed)

    def rest(name: str) -> float:
        """Return the seconds of a processor that all but the hash take."""
        hashed.clear()
        begun = time.process_time()
        sign_in(Client(), name, "wrong")
        took = time.process_time() - begun
        assert sum(iterations for iterations, _ in hashed) == strength, name
        costs.append(sum(seconds for _, seconds in hashed))
        return took - costs[-1]

    names = ["alice", "nobody", address, "nobody@example.org", "bob", "elsewhere", "oldest"]
    taken: dict[str, list[float]] = {name: [] for name in names}
    costs: list[float] = []
    for n in range(4):  # in turns, so that what else happens happens to all of them
        for name in names[n:] + names[:n]:
            taken[name].append(rest(name))
    rests = [min(each) for each in taken.values()]  # what is more is the machine's
    assert max(rests) - min(rests) < 0.1 * min(costs), (rests, min(costs))


# --- sessions -------------------------------------------------------------------------------------


def by_password(client: Client, alice: User) -> None:
    sign_in(client)


def by_code(client: Client, alice: User) -> None:
    TOTP.activate(alice, SECRET)
    sign_in(client)
    code = format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))
    client.post("/accounts/2fa/authenticate/", {"code": code})


def by_link(client: Client, alice: User) -> None:
    Client().post(RESET, {"email": "alice@example.org"})
    form = client.get(LINK.search(mail.outbox[0].body)[1]).headers["Location"]
    client.post(form, {"new_password1": "another-password", "new_password2": "another-password"})


def by_sign_up(client: Client, alice: User) -> None:
    data = {"username": "carol", "password1": "c-long-password", "password2": "c-long-password"}
    client.post("/accounts/signup/", data)


def by_first_link(client: Client, alice: User) -> None:
    alice.delete()
    call_command("prepare", stdout=StringIO())
    client.get(link_path())


WAYS_IN = [by_password, by_code, by_link, by_sign_up, by_first_link]


@pytest.mark.parametrize("way_in", WAYS_IN)
def test_no_way_in_keeps_the_name_of_a_session_that_was_planted(alice, address, settings, way_in):
    settings.SIGNUP_OPEN = True
    client = Client()
    client.get(f"{LOGIN}?next=/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = client.cookies["sessionid"].value
    way_in(client, alice)
    assert client.get("/").status_code == 200
    assert client.cookies["sessionid"].value != planted
    assert Client(HTTP_COOKIE=f"sessionid={planted}").get("/").status_code == 302


def test_between_password_and_code_nobody_is_in(alice):
    TOTP.activate(alice, SECRET)
    client = Client()
    client.get(LOGIN)
    assert sign_in(client).headers["Location"].startswith("/accounts/2fa/authenticate/")
    before = client.cookies["sessionid"].value
    assert client.get("/").status_code == 302
    assert client.get("/accounts/").status_code == 302
    assert client.get("/admin/").status_code == 302
    assert Client(HTTP_COOKIE=f"sessionid={before}").get("/").status_code == 302


def test_codes_are_not_guessed(alice, settings):
    TOTP.activate(alice, SECRET)
    client = Client()
    sign_in(client)
    path = "/accounts/2fa/authenticate/"
    for _ in range(10):
        assert "This code is not right" in client.post(path, {"code": "000000"}).content.decode()
    elsewhere = Client(REMOTE_ADDR="10.3.3.3")
    sign_in(elsewhere)
    for each in (client, elsewhere):
        assert "Too many attempts" in each.post(path, {"code": "000000"}).content.decode()


def test_secrets_of_a_second_factor_are_stored_sealed(alice):
    TOTP.activate(alice, SECRET)
    assert SECRET not in str(Authenticator.objects.values())
    assert Authenticator.objects.get().wrap().validate_code("000000") is False


def test_who_signed_in_before_there_was_allauth_stays_signed_in(alice):
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").status_code == 200


# --- a new password -------------------------------------------------------------------------------


def test_a_link_works_once_and_ends_all_sessions(alice, address):
    elsewhere = Client()
    elsewhere.force_login(alice)
    Client().post(RESET, {"email": address})
    link = LINK.search(mail.outbox[0].body)[1]
    data = {"new_password1": "another-password", "new_password2": "another-password"}
    client = Client()
    form = client.get(link).headers["Location"]
    assert "set-password" in form, "The key is not where a Referer tells it."
    assert client.post(form, data).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert Client().get(link).status_code == 410
    assert client.post(form, data).status_code == 410


def test_a_link_does_not_pass_by_the_second_factor(alice, address):
    TOTP.activate(alice, SECRET)
    Client().post(RESET, {"email": address})
    link = LINK.search(mail.outbox[0].body)[1]
    client = Client()
    data = {"new_password1": "another-password", "new_password2": "another-password"}
    answered = client.post(client.get(link).headers["Location"], data)
    assert answered.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/").status_code == 302


def test_so_many_links_are_sent_to_an_address_and_no_more(address):
    statuses = [Client().post(RESET, {"email": address}).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
    assert len(mail.outbox) == 5


def test_a_changed_header_brings_no_further_links(address):
    statuses = [
        Client()
        .post(RESET, {"email": f"{n}@example.org"}, headers={"X-Forwarded-For": f"10.0.0.{n}"})
        .status_code
        for n in range(21)
    ]
    assert statuses == [302] * 20 + [429]


def test_without_mail_it_says_who_has_a_link(settings, alice):
    settings.EMAIL_URL = ""
    assert "This Lectern sends no mail" in Client().get(RESET).content.decode()
    assert Client().post(RESET, {"email": "a@example.org"}).status_code == 404


# --- when everything is lost ----------------------------------------------------------------------


def recovered(*options: str) -> str:
    told = StringIO()
    call_command("recover_account", "alice", *options, stdout=told)
    return told.getvalue().strip()


def test_an_administrator_lets_somebody_in_who_lost_everything(alice):
    TOTP.activate(alice, SECRET)
    link = recovered("--remove-second-factor", "--address", "https://read.example.org/")
    assert link.startswith("https://read.example.org/accounts/password/reset/key/")
    assert not Authenticator.objects.exists()
    path = link.removeprefix("https://read.example.org")
    data = {"new_password1": "another-password", "new_password2": "another-password"}
    client = Client()
    assert client.post(client.get(path).headers["Location"], data).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert Client().get(path).status_code == 410


def test_without_saying_so_the_second_factor_stays(alice):
    TOTP.activate(alice, SECRET)
    recovered()
    assert Authenticator.objects.exists()


def test_nobody_is_recovered_who_is_not_there_or_closed(alice):
    with pytest.raises(CommandError, match="no user"):
        call_command("recover_account", "nobody")
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="is closed"):
        recovered()


def test_staff_give_the_link_and_only_who_may_all_to_who_may_all(alice, bob, staff):
    TOTP.activate(alice, SECRET)
    path = f"/admin/reader/user/{alice.pk}/recover/"
    shown = staff.post(path, {"without_second_factor": "on"}).content.decode()
    link = re.search(r'value="http://testserver(/accounts/password/reset/key/[^"]+)"', shown)[1]
    assert not Authenticator.objects.exists()
    assert Client().get(link).status_code == 302
    assert "/password/reset/key/" not in staff.get(path).content.decode()

    bob.is_staff = True
    bob.save()
    bob.user_permissions.add(*Permission.objects.filter(codename__endswith="_user"))
    as_bob = Client()
    as_bob.force_login(bob)
    root = User.objects.get(username="root")
    assert as_bob.post(path).status_code == 200
    assert as_bob.post(f"/admin/reader/user/{root.pk}/recover/").status_code == 403
