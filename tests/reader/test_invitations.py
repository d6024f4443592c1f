"""Making an account by invitation: once, in time, unless it was withdrawn."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import timezone

from reader.models import Installation, Invitation, User
from reader.services.invitations import invite

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("static_files"),
]
SIGNUP = "/accounts/signup/"
PASSWORD = "c-long-password"


def account(name: str) -> dict[str, str]:
    return {"username": name, "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def link(alice) -> str:
    return invite(by=alice, note="Carol", until=timezone.now() + timedelta(days=1))[1]


def signed_up(client: Client, name: str = "carol") -> int:
    return client.post(SIGNUP, account(name)).status_code


def test_the_first_account_needs_no_invitation_and_the_second_does():
    assert signed_up(Client(), "alice") == 302
    assert Client().get(SIGNUP).status_code == signed_up(Client()) == 404
    assert [user.username for user in User.objects.all()] == ["alice"]


def test_an_invitation_makes_one_account(link):
    first, second = Client(), Client()
    for client in (first, second):
        assert client.get(link).headers["Location"] == SIGNUP
        assert client.get(SIGNUP).status_code == 200
    assert signed_up(first) == 302
    assert signed_up(second, "dave") == 404
    assert Client().get(link).status_code == 410
    assert Invitation.objects.get().used_by.username == "carol"


def test_looking_at_an_invitation_does_not_use_it(link):
    for _ in range(3):
        Client().get(link)  # what makes a preview of a link does so
    client = Client()
    client.get(link)
    assert client.post(SIGNUP, account("alice")).status_code == 200, "The name is taken."
    assert signed_up(client) == 302


def test_of_two_who_use_it_at_once_one_gets_in(link):
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.get(link)
    begin, got = threading.Barrier(4), []

    def use(n: int) -> None:
        begin.wait()
        got.append(signed_up(clients[n], f"person{n}"))
        connections.close_all()

    threads = [threading.Thread(target=use, args=[n]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got)[0] == 302
    assert set(sorted(got)[1:]) <= {404, 410}
    assert User.objects.filter(username__startswith="person").count() == 1


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
def test_an_invitation_that_is_gone_opens_nothing(link, how):
    client = Client()
    client.get(link)
    if how == "withdrawn":
        Invitation.objects.all().delete()
    else:
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert signed_up(client) == 404
    assert Client().get(link).status_code == 410


def test_staff_make_and_withdraw_them_and_others_do_not(staff, as_alice):
    page = "/accounts/invitations/"
    assert as_alice.get(page).status_code == 403
    shown = staff.post(page, {"note": "Carol", "days": "7"}).content.decode()
    secret = shown.split("/accounts/invitation/")[1].split("/")[0]
    assert secret not in staff.get(page).content.decode(), "It is shown once."
    made = Invitation.objects.get()
    assert secret not in made.digest
    assert timedelta(days=6) < made.expires_at - timezone.now() < timedelta(days=7)
    withdraw = f"{page}{made.pk}/withdraw/"
    assert as_alice.post(withdraw).status_code == 403
    assert staff.post(withdraw).status_code == 302
    assert Client().get(f"/accounts/invitation/{secret}/").status_code == 410


def test_the_admin_tells_the_link_once(staff):
    data = {"note": "Carol", "expires_at_0": "2099-01-01", "expires_at_1": "00:00:00"}
    shown = staff.post("/admin/reader/invitation/add/", data, follow=True).content.decode()
    assert "/accounts/invitation/" in shown
    assert "/accounts/invitation/" not in staff.get("/admin/reader/invitation/").content.decode()
    assert Invitation.objects.get().made_by.username == "root"


def test_an_installation_that_was_open_stays_so(alice):
    Installation.objects.update_or_create(pk=1, defaults={"signup_open": True})
    assert SIGNUP in Client().get("/accounts/login/").content.decode()
    assert signed_up(Client()) == 302


@pytest.mark.parametrize(("setting", "status"), [(True, 302), (False, 404)])
def test_the_setting_counts_for_more(alice, settings, setting, status):
    Installation.objects.update_or_create(pk=1, defaults={"signup_open": not setting})
    settings.SIGNUP_OPEN = setting
    assert signed_up(Client()) == status


def test_a_new_installation_makes_its_first_person_and_is_closed_then():
    call_command("prepare", stdout=StringIO())
    assert Client().get(SIGNUP).status_code == 404
