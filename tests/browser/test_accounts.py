"""Accounts in a real browser: invitations, passkeys, codes, mail, devices."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
import uuid
import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.mail_server import MailServer
from tests.oidc_provider import Provider

from .stack import PASSWORD, Stack, wait_for
from .test_accessible import SIZES, THEMES, violations, wear

NEW_PASSWORD = "quite-another-password"


@pytest.fixture(params=SIZES)
def size(request) -> dict[str, int]:
    return SIZES[request.param]


@pytest.fixture
def new_page(new_context, stack, size):
    """A page of a browser of its own, at the address at which passkeys work."""

    def make(**options: object) -> Page:
        url = stack.url.replace("127.0.0.1", "localhost")
        context = new_context(heard=False, viewport=size, **options)
        page = context.new_page()
        page.goto(f"{url}/accounts/login/")
        return page

    return make


@pytest.fixture
def mails(stack: Stack) -> Iterator[MailServer]:
    with MailServer(stack.mail_port) as server:
        yield server


def at(page: Page, path: str) -> str:
    return re.sub(r"^(https?://[^/]+).*", rf"\1{path}", page.url)


def enter(page: Page, person: str, password: str = PASSWORD) -> None:
    """Give name and password at the door."""
    page.goto(at(page, "/accounts/login/"))
    page.fill("[name=username]", person)
    page.fill("[name=password]", password)
    page.click("main form >> nth=0 >> button[type=submit]")


def confirm_it_is_you(page: Page) -> None:
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")


def is_in(page: Page) -> None:
    page.wait_for_url(re.compile(r"^https?://[^/]+/$"))


def with_authenticator(page: Page, **options: object) -> object:
    """Give the browser a virtual device that keeps passkeys."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
                **options,
            }
        },
    )
    return session


def code_of(secret: str, later: int = 0) -> str:
    """Return what an authenticator app shows, so many half minutes from now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + later)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    begin = digest[-1] & 15
    number = struct.unpack(">I", digest[begin : begin + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def test_by_an_invitation_one_person_makes_an_account(stack, new_page):
    from reader.models import User

    host = stack.person()
    User.objects.filter(username=host).update(is_staff=True, is_superuser=True)
    staff = new_page()
    enter(staff, host)
    is_in(staff)
    staff.goto(at(staff, "/accounts/invitations/"))
    staff.fill("[name=note]", "Carol")
    staff.click("main button:text('Make a link')")
    link = staff.input_value("#link")

    guest = new_page()
    guest.goto(at(guest, "/accounts/signup/"))
    expect(guest.locator("h1")).to_have_text("Accounts are made by invitation here")
    guest.goto(link.replace("127.0.0.1", "localhost"))
    name = f"carol-{uuid.uuid4().hex[:8]}"
    guest.fill("[name=username]", name)
    guest.fill("[name=password1]", PASSWORD)
    guest.fill("[name=password2]", PASSWORD)
    guest.click("main button[type=submit]")
    is_in(guest)

    late = new_page()
    late.goto(link)
    expect(late.locator("h1")).to_have_text("This invitation is gone")
    staff.goto(at(staff, "/accounts/invitations/"))
    expect(staff.locator(".programs__one", has_text="Carol").first).to_contain_text(
        f"used by {name}"
    )


def test_a_passkey_signs_in_alone_and_beside_a_password(stack, new_page):
    person = stack.person()
    page = new_page()
    with_authenticator(page)
    enter(page, person)
    is_in(page)
    page.goto(at(page, "/accounts/2fa/webauthn/add/"))
    confirm_it_is_you(page)
    page.fill("[name=name]", "My phone")
    page.click("main button:text('Add it')")
    expect(page.locator("h1")).to_have_text("Recovery codes")
    assert page.locator(".codes li").count() == 10
    page.goto(at(page, "/accounts/"))
    expect(page.locator("main")).to_contain_text("My phone")

    page.goto(at(page, "/"))
    page.click("[aria-label='Your account']")
    page.click("text=Sign out")
    page.click("text=Sign in with a passkey")
    is_in(page)

    page.click("[aria-label='Your account']")
    page.click("text=Sign out")
    enter(page, person)
    expect(page.locator("h1")).to_have_text("One more step")
    page.click("text=Use your passkey")
    is_in(page)

    elsewhere = new_page()
    enter(elsewhere, person)
    expect(elsewhere.locator("h1")).to_have_text("One more step")
    elsewhere.goto(at(elsewhere, "/"))
    assert "/accounts/login/" in elsewhere.url or "/2fa/" in elsewhere.url


def test_a_passkey_that_is_not_used_is_told_in_words(stack, new_page):
    page = new_page()
    with_authenticator(page)
    page.click("text=Sign in with a passkey")
    expect(page.locator("[role=alert]:visible")).to_contain_text("No passkey was used")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()


def test_an_authenticator_app_is_asked_for_a_code_and_each_code_works_once(stack, new_page):
    person = stack.person()
    page = new_page()
    enter(page, person)
    is_in(page)
    page.goto(at(page, "/accounts/2fa/totp/activate/"))
    confirm_it_is_you(page)
    secret = page.inner_text("#totp-key")
    page.fill("[name=code]", code_of(secret))
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_have_text("Recovery codes")
    recovery = page.locator(".codes li").first.inner_text()

    second = new_page()
    enter(second, person)
    second.fill("[name=code]", "000000")
    second.click("main button[type=submit]")
    expect(second.locator(".errorlist").first).to_contain_text("This code is not right")
    code = code_of(secret, later=1)
    second.fill("[name=code]", code)
    second.click("main button[type=submit]")
    is_in(second)
    again = new_page()
    enter(again, person)
    again.fill("[name=code]", code)
    again.click("main button[type=submit]")
    expect(again.locator(".errorlist").first).to_contain_text("This code is not right")

    for works in (True, False):
        third = new_page()
        enter(third, person)
        third.fill("[name=code]", recovery)
        third.click("main button[type=submit]")
        if works:
            is_in(third)
        else:
            expect(third.locator(".errorlist").first).to_contain_text("This code is not right")


def test_an_address_is_confirmed_signs_in_and_brings_a_new_password(stack, new_page, mails):
    person, address = stack.person(), f"{uuid.uuid4().hex[:8]}@example.org"
    page = new_page()
    enter(page, person)
    is_in(page)
    page.goto(at(page, "/accounts/email/"))
    page.fill("[type=email]", address)
    page.click("text=Send a mail to confirm it")
    if page.get_by_role("heading", name="Is it you?").is_visible():
        confirm_it_is_you(page)
        if not page.get_by_text("not confirmed yet").is_visible():
            page.goto(at(page, "/accounts/email/"))
    expect(page.locator("main")).to_contain_text("not confirmed yet")
    page.goto(mails.link_to(address))
    page.click("text=Yes, it is mine")
    page.goto(at(page, "/accounts/email/"))
    expect(page.locator("main")).to_contain_text("confirmed")

    other = new_page()
    enter(other, address)
    is_in(other)

    lost = new_page()
    lost.goto(at(lost, "/accounts/login/"))
    lost.click("text=Forgot your password?")
    lost.fill("[name=email]", address)
    lost.click("main button[type=submit]")
    expect(lost.locator("h1")).to_have_text("Look into your mail")
    link = mails.link_to(address, about="A new password")
    lost.goto(link)
    lost.fill("[name=new_password1]", NEW_PASSWORD)
    lost.fill("[name=new_password2]", NEW_PASSWORD)
    lost.click("main button[type=submit]")
    is_in(lost)
    other.reload()
    assert "/accounts/login/" in other.url, "Other devices are signed out."
    other.goto(link)
    expect(other.locator("h1")).to_have_text("This link is gone")


def test_a_person_sees_their_devices_and_signs_out_everywhere(stack, new_page):
    person = stack.person()
    phone = new_page(user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Version/17.0 Safari/604")
    tablet = new_page(user_agent="Mozilla/5.0 (Android 14; Tablet; rv:128.0) Firefox/128.0")
    page = new_page()
    for each in (phone, tablet, page):
        enter(each, person)
        is_in(each)
    page.goto(at(page, "/accounts/sessions/"))
    expect(page.locator(".devices__one")).to_have_count(3)
    page.locator(".devices__one", has_text="Safari on iPhone").get_by_role("button").click()
    confirm_it_is_you(page)
    expect(page.locator(".devices__one")).to_have_count(2)
    phone.reload()
    assert "/accounts/login/" in phone.url
    page.click("text=Sign out everywhere else")
    expect(page.locator(".devices__one")).to_have_count(1)
    tablet.reload()
    assert "/accounts/login/" in tablet.url


def test_a_provider_signs_in_whose_address_both_have_confirmed(stack, new_page):
    from allauth.account.models import EmailAddress

    from reader.models import User

    person, address = stack.person(), f"{uuid.uuid4().hex[:8]}@example.org"
    user = User.objects.get(username=person)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    with Provider(stack.provider_port) as provider:
        provider.person = {"sub": person, "email": address, "email_verified": False}
        page = new_page()
        page.click("text=Sign in with the works")
        expect(page.locator("h1")).to_have_text("Accounts are made by invitation here")
        provider.person["email_verified"] = True
        page.goto(at(page, "/accounts/login/"))
        page.click("text=Sign in with the works")
        is_in(page)
        page.goto(at(page, "/accounts/connections/"))
        expect(page.locator(".fact")).to_contain_text("the works")
        page.goto(provider.answers[-1])
        expect(page.locator("h1")).to_have_text("That did not work")


def test_a_person_takes_their_data_away_and_deletes_the_account(stack, new_page):
    from reader.models import User

    person = stack.person()
    stack.document(person, "A text that is to be kept.", "Kept")
    page, elsewhere = new_page(), new_page()
    for each in (page, elsewhere):
        enter(each, person)
        is_in(each)
    page.goto(at(page, "/accounts/"))
    page.click("text=Take your data away")
    confirm_it_is_you(page)
    with page.expect_download() as downloading:
        page.click("text=Save it")
    archive = zipfile.ZipFile(downloading.value.path())
    assert archive.read("documents/00001 Kept/text.md").decode().strip().endswith("to be kept.")
    page.goto(at(page, "/accounts/delete/"))
    page.fill("[name=name]", person)
    page.click("text=Delete everything")
    expect(page.locator("h1")).to_have_text("Your account is deleted")
    elsewhere.reload()
    assert "/accounts/login/" in elsewhere.url
    left = User.objects.filter(username=person)
    wait_for(lambda: not left.exists(), 60, "all that was theirs is gone")


@pytest.mark.parametrize("theme", THEMES)
def test_no_page_of_an_account_has_a_violation(stack, new_page, theme):
    from reader.models import User

    person = stack.person()
    User.objects.filter(username=person).update(is_staff=True, is_superuser=True)
    wear(person, theme)
    page = new_page()
    with_authenticator(page)
    found = []
    for path in ("login/", "signup/", "password/reset/", "password/reset/done/", "inactive/",
                 "invitation/none/", "password/reset/key/1-nothing/"):  # fmt: skip
        page.goto(at(page, f"/accounts/{path}"))
        found += violations(page)
    enter(page, person)
    is_in(page)
    page.goto(at(page, "/accounts/2fa/totp/activate/"))
    found += violations(page)
    confirm_it_is_you(page)
    found += violations(page)
    page.fill("[name=code]", code_of(page.inner_text("#totp-key")))
    page.click("main button[type=submit]")
    found += violations(page)
    page.goto(at(page, "/accounts/2fa/webauthn/add/"))
    found += violations(page)
    page.click("main button:text('Add it')")
    page.wait_for_url(lambda url: "/add/" not in url)
    codes = "2fa/recovery-codes/"
    for path in ("", "email/", "data/", "delete/", "connections/", "sessions/", "invitations/",
                 "password_change/", codes, f"{codes}generate/",
                 "2fa/totp/deactivate/"):  # fmt: skip
        page.goto(at(page, f"/accounts/{path}"))
        found += violations(page)
    page.goto(at(page, "/accounts/"))
    page.click("text=Rename")
    found += violations(page)
    page.goto(at(page, "/accounts/"))
    page.locator(".facts__links a", has_text="Remove").first.click()
    found += violations(page)
    second = new_page()
    enter(second, person)
    expect(second.locator("h1")).to_have_text("One more step")
    found += violations(second)
    assert not found, "\n".join(sorted(set(found)))
