"""Tokens: what each scope opens, and what opens nothing any more."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from reader.models import Token
from reader.services.tokens import token_of

from .conftest import ALL, Program, is_problem, program_of

pytestmark = pytest.mark.django_db

# By scope: what it opens. Everything else is refused to it.
CALLS = {
    "read": [
        ("get", "/documents"), ("get", "/documents/{uuid}"), ("get", "/documents/{uuid}/blocks"),
        ("get", "/documents/{uuid}/outline"), ("get", "/documents/{uuid}/position"),
        ("get", "/documents/{uuid}/annotations"), ("get", "/lexicon"), ("get", "/use"),
        ("get", "/voices"),
    ],
    "write": [
        ("post", "/documents"), ("patch", "/documents/{uuid}"), ("delete", "/documents/{uuid}"),
        ("put", "/documents/{uuid}/position"), ("post", "/documents/{uuid}/annotations"),
        ("post", "/lexicon"), ("delete", "/lexicon/1"),
        ("patch", "/documents/{uuid}/annotations/1"), ("delete", "/documents/{uuid}/annotations/1"),
    ],
    "speech": [("post", "/documents/{uuid}/wanted"), ("get", "/voices")],
}  # fmt: skip


@pytest.mark.parametrize("scope", ALL)
def test_a_scope_opens_what_is_its_own_and_nothing_else(alice, document, scope):
    program = program_of(alice, scope)
    for own, calls in CALLS.items():
        for method, path in calls:
            answer = getattr(program, method)(path.format(uuid=document.uuid))
            is_refused = answer.status_code == 403
            assert is_refused == ((method, path) not in CALLS[scope]), (method, path, own)


def test_nobody_gets_in_without_a_token(document, as_alice):
    for program in (Program(""), Program("nonsense"), Program("lectern_" + "x" * 43)):
        for calls in CALLS.values():
            for method, path in calls:
                problem = getattr(program, method)(path.format(uuid=document.uuid))
                is_problem(problem, 401)
                assert problem.headers["WWW-Authenticate"].startswith("Bearer")
    # Nor with a page's cookie, which another site could make a browser send.
    assert as_alice.get("/api/v1/documents").status_code == 401


def test_an_expired_a_withdrawn_and_a_deactivated_one_open_nothing(alice):
    expired = program_of(alice, expires_at=timezone.now() - timedelta(seconds=1))
    is_problem(expired.get("/documents"), 401)
    later = program_of(alice, expires_at=timezone.now() + timedelta(days=1))
    assert later.get("/documents").status_code == 200
    token_of(later.key).delete()
    is_problem(later.get("/documents"), 401)
    program = program_of(alice)
    assert program.get("/documents").status_code == 200
    alice.is_active = False
    alice.save()
    is_problem(program.get("/documents"), 401)


def test_a_token_is_stored_hashed_and_its_last_use_is_told(alice):
    program = program_of(alice)
    token = Token.objects.get()
    assert token.used_at is None
    assert program.key.startswith(token.hint)
    assert program.key not in [str(value) for value in vars(token).values()]
    program.get("/documents")
    token.refresh_from_db()
    assert timezone.now() - token.used_at < timedelta(minutes=1)


def test_too_many_requests_have_to_wait(alice, bobs, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    first, second = program_of(alice), program_of(alice)
    answers = [program.get("/documents") for program in (first, second) * 6]
    refused = [answer for answer in answers if answer.status_code == 429]
    # A minute may have begun anew meanwhile.
    assert len(refused) >= 6
    is_problem(refused[0], 429, "Wait")
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert bobs.get("/documents").status_code == 200


# --- the settings page, and the command ----------------------------------------------------------


@pytest.mark.usefixtures("static_files")
def test_a_token_is_made_on_its_page_shown_once_and_withdrawn(as_alice, as_bob, alice):
    made = as_alice.post(
        "/settings/tokens/", {"name": "my phone", "scopes": ["read"], "expires": "30"}
    )
    assert made.status_code == 201
    token = Token.objects.get()
    key = made.context["key"]
    assert key in made.content.decode()
    assert (token.scopes, token.user) == (["read"], alice)
    assert Program(key).get("/documents").status_code == 200
    page = as_alice.get("/settings/tokens/").content.decode()
    assert "my phone" in page
    assert key not in page
    assert "my phone" not in as_bob.get("/settings/tokens/").content.decode()
    assert as_bob.post(f"/settings/tokens/{token.pk}/delete/").status_code == 404
    assert as_alice.post(f"/settings/tokens/{token.pk}/delete/").status_code == 302
    assert Program(key).get("/documents").status_code == 401


@pytest.mark.usefixtures("static_files")
def test_a_token_needs_a_name_and_a_scope(as_alice):
    assert as_alice.post("/settings/tokens/", {"name": "", "scopes": ["read"]}).status_code == 422
    assert as_alice.post("/settings/tokens/", {"name": "x"}).status_code == 422
    assert as_alice.post("/settings/tokens/", {"name": "x", "scopes": ["all"]}).status_code == 422
    assert not Token.objects.exists()


def test_the_command_prints_a_token(alice):
    out = StringIO()
    call_command("make_token", "alice", "--scopes", "read,write,speech", stdout=out)
    key = out.getvalue().strip()
    assert Token.objects.get().scopes == ["read", "write", "speech"]
    assert Program(key).get("/documents").status_code == 200
    with pytest.raises(CommandError, match="no user"):
        call_command("make_token", "nobody")
    with pytest.raises(CommandError, match="scopes are"):
        call_command("make_token", "alice", "--scopes", "admin")
