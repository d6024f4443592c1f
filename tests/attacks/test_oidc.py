"""Signing in by a provider: who gets into which account, and what an old answer is worth."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from reader.models import User
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("static_files"),
]
LOGIN = "/accounts/oidc/sso/login/"
ALICE = {"sub": "a-1", "email": "alice@example.org", "email_verified": True,
         "preferred_username": "alice"}  # fmt: skip


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    with Provider() as provider:
        app = {"provider_id": "sso", "name": "the works", "client_id": CLIENT_ID,
               "secret": CLIENT_SECRET, "settings": {"server_url": provider.url}}  # fmt: skip
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
        }
        yield provider


@pytest.fixture
def address(alice) -> EmailAddress:
    return EmailAddress.objects.create(
        user=alice, email="alice@example.org", verified=True, primary=True
    )


def come_back(client: Client, process: str = "login") -> str:
    """Go to the provider and return where it sends the browser back to."""
    there = client.post(f"{LOGIN}?process={process}").headers["Location"]
    opener = build_opener(ProxyHandler({}), _NoRedirect())
    back = opener.open(there).headers["Location"]
    return urlsplit(back)._replace(scheme="", netloc="").geturl()


class _NoRedirect(HTTPRedirectHandler):
    def http_error_302(self, request, answer, code, message, headers):
        return answer


def user_of(client: Client) -> str:
    return str(client.get("/").context["user"]) if client.get("/").status_code == 200 else ""


def test_an_address_that_both_confirmed_connects_once_and_the_subject_counts_then(
    provider, address
):
    provider.person = ALICE
    client = Client()
    assert client.get(come_back(client)).headers["Location"] == "/"
    assert user_of(client) == "alice"
    assert SocialAccount.objects.get().uid == "a-1"

    address.delete()
    provider.person = {"sub": "a-1", "email": "elsewhere@example.org", "email_verified": False}
    again = Client()
    again.get(come_back(again))
    assert user_of(again) == "alice", "Whom it is about is the subject, not the address."


@pytest.mark.parametrize("said", [False, None, "false"])
def test_an_address_that_the_provider_has_not_verified_never_connects(provider, address, said):
    provider.person = {**ALICE, "email_verified": said}
    client = Client()
    answered = client.get(come_back(client))
    assert "Accounts are made by invitation here" in answered.content.decode()
    assert user_of(client) == ""
    assert not SocialAccount.objects.exists()


def test_an_address_that_was_not_confirmed_here_never_connects(provider, address):
    EmailAddress.objects.update(verified=False)
    User.objects.update(email="alice@example.org")
    provider.person = ALICE
    client = Client()
    client.get(come_back(client))
    assert user_of(client) == ""
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("is_open", [False, True])
def test_a_changed_subject_does_not_get_into_the_account(provider, address, settings, is_open):
    provider.person = ALICE
    first = Client()
    first.get(come_back(first))
    settings.OIDC_SIGNUP = is_open
    provider.person = {**ALICE, "sub": "another person"}
    second = Client()
    second.get(come_back(second))
    assert user_of(second) != "alice"
    assert (user_of(second) != "") == is_open, "An account of their own, or none."
    assert EmailAddress.objects.get(email="alice@example.org", verified=True).user == address.user


def test_an_answer_is_good_once_and_in_one_browser(provider, address):
    provider.person = ALICE
    client = Client()
    back = come_back(client)
    thief = Client()
    assert "That did not work" in thief.get(back).content.decode()
    assert user_of(thief) == ""
    assert client.get(back).headers["Location"] == "/"
    client.post("/accounts/logout/")
    assert "That did not work" in client.get(back).content.decode()
    assert user_of(client) == ""


def test_a_code_of_another_answer_is_refused(provider, address):
    """Somebody's own code, planted into the answer that another browser waits for."""
    provider.person = ALICE
    victim, attacker = Client(), Client()
    waited = come_back(victim)
    code = come_back(attacker).split("code=")[1].split("&")[0]
    state = waited.split("state=")[1]
    planted = f"{LOGIN}callback/?code={code}&state={state}"
    assert "That did not work" in victim.get(planted).content.decode()
    assert user_of(victim) == ""


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "another person"},
        {"aud": "another program"},
        {"iss": "http://127.0.0.1:9"},
        {"exp": 1_000_000_000},
    ],
    ids=["of another", "for another", "by another", "of old"],
)
def test_a_token_that_is_not_of_this_sign_in_is_refused(provider, address, claims):
    provider.person, provider.claims = ALICE, claims
    client = Client()
    assert "That did not work" in client.get(come_back(client)).content.decode()
    assert user_of(client) == ""
    assert not SocialAccount.objects.exists()


def test_it_does_not_pass_by_the_second_factor(provider, address, alice):
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    provider.person = ALICE
    client = Client()
    answered = client.get(come_back(client))
    assert answered.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert user_of(client) == ""


def test_whom_the_provider_knows_gets_an_account_where_it_is_so_decided(provider, bob, settings):
    settings.OIDC_SIGNUP = True
    provider.person = ALICE
    client = Client()
    client.get(come_back(client))
    alice = User.objects.get(username="alice")
    assert (alice.is_staff, alice.is_superuser, alice.has_usable_password()) == (False,) * 3
    assert user_of(client) == "alice"


def test_a_name_that_is_taken_is_not_taken_over(provider, alice, settings):
    settings.OIDC_SIGNUP = True
    provider.person = {"sub": "x", "preferred_username": "alice"}
    client = Client()
    client.get(come_back(client))
    assert user_of(client) not in {"", "alice"}


def test_a_closed_account_stays_closed(provider, address, alice):
    provider.person = ALICE
    client = Client()
    client.get(come_back(client))
    alice.is_active = False
    alice.save()
    again = Client()
    again.get(come_back(again))
    assert user_of(again) == ""


def test_connecting_asks_who_it_is_first(provider, as_alice):
    provider.person = {"sub": "a-1"}
    answered = as_alice.get(come_back(as_alice, "connect"))
    assert answered.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not SocialAccount.objects.exists()
    as_alice.post("/accounts/reauthenticate/", {"password": "a-long-password"})
    assert SocialAccount.objects.get().user.username == "alice"
    page = as_alice.get("/accounts/connections/").content.decode()
    assert "the works" in page


def test_a_provider_that_is_away_is_told(provider, address, settings):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"
    answered = Client().post(LOGIN)
    assert "That did not work" in answered.content.decode()
