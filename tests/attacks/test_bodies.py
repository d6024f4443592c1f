"""Request bodies: nobody makes the web process keep what it will not take."""

from __future__ import annotations

import json
import threading
import time

import pytest
from django.conf import settings
from django.test import Client

from config.bodies import ANYBODY_BYTES, FORM_BYTES, LINGER_BYTES, MB, PERSON_BYTES
from reader.models import Document, Scope
from reader.services.tokens import make_token

from .conftest import HEAD, Web, answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

LOGIN, NEW = "/accounts/login/", "/documents/new/"
FLAT_MB = 20


def cookie_of(client: Client) -> str:
    return f"sessionid={client.cookies['sessionid'].value}"


def announce(web: Web, path: str, size: int, **headers: str) -> tuple[int, str, float]:
    """Announce a body and send none of it; return the answer and how long it took."""
    lines = "".join(f"{name.replace('_', '-')}: {headers[name]}\r\n" for name in headers)
    began = time.monotonic()
    with web.connect() as connection:
        head = HEAD.format(method="POST", path=path, headers=f"{lines}Content-Length: {size}\r\n")
        connection.sendall(head.encode())
        status, text = answer(connection)
    return status, text, time.monotonic() - began


def pour(web: Web, path: str, most: int, **headers: str) -> tuple[int, int]:
    """Send chunks without end; return the status, and how many bytes went until the answer."""
    lines = "".join(f"{name.replace('_', '-')}: {headers[name]}\r\n" for name in headers)
    sent, piece = 0, b"4000\r\n" + bytes(0x4000) + b"\r\n"
    with web.connect() as connection:
        head = HEAD.format(
            method="POST", path=path, headers=f"{lines}Transfer-Encoding: chunked\r\n"
        )
        connection.sendall(head.encode())
        try:
            while sent < most:
                connection.sendall(piece)
                sent += 0x4000
        except OSError:
            pass
        connection.settimeout(5)
        return answer(connection)[0], sent


@pytest.mark.parametrize("path", [LOGIN, "/admin/login/", "/accounts/signup/", NEW, "/nowhere/"])
def test_a_large_body_of_nobody_is_refused_before_it_comes(web, path):
    status, text, seconds = announce(web, path, 600 * MB)
    assert status == 413
    assert "larger than is taken from somebody who is not signed in" in text
    assert seconds < 5
    assert announce(web, path, ANYBODY_BYTES + 1)[0] == 413


def test_a_cookie_that_names_no_session_opens_nothing(web):
    assert announce(web, NEW, 10 * MB, Cookie="sessionid=abcdefghijklmnop")[0] == 413
    assert announce(web, NEW, 10 * MB, Cookie='sessionid="\x01; $x')[0] in (400, 413)
    assert announce(web, NEW, 10 * MB, Authorization="Bearer nobody")[0] == 413


def test_chunks_are_refused_as_soon_as_they_pass_the_limit(web):
    status, sent = pour(web, LOGIN, 600 * MB)
    assert status in (413, 0)  # 0: it did not stop sending, and was cut off
    assert sent < LINGER_BYTES + 20 * MB


def test_the_memory_of_the_web_process_stays_flat(web):
    web.ask("GET", LOGIN)
    before = web.memory_mb()
    threads = [
        threading.Thread(target=pour, args=(web, path, 200 * MB)) for path in (LOGIN, NEW, "/") * 2
    ]
    for thread in threads:
        thread.start()
    peak = before
    while any(thread.is_alive() for thread in threads):
        peak = max(peak, web.memory_mb())
        time.sleep(0.05)
    assert peak - before < FLAT_MB
    assert web.ask("GET", "/healthz")[0] == 200


def test_who_is_signed_in_sends_more_but_only_uploads_are_large(web, as_alice):
    cookie = cookie_of(as_alice)
    status, text, _ = announce(web, "/preferences/", PERSON_BYTES + 1, Cookie=cookie)
    assert status == 413
    assert "larger than this page takes" in text
    limit = settings.MAX_UPLOAD_MB * MB + FORM_BYTES
    status, text, _ = announce(web, NEW, limit + 1, Cookie=cookie)
    assert status == 413
    assert f"larger than {settings.MAX_UPLOAD_MB} MB, the most that is taken" in text
    status, text, _ = announce(web, NEW, limit + 1, Cookie=cookie, Accept="application/json")
    assert '"errors"' in text
    assert pour(web, NEW, 2 * limit, Cookie=cookie)[0] in (413, 0)


@pytest.mark.parametrize("framing", ["Content-Length", "chunked"])
def test_an_upload_arrives_whole_without_passing_through_memory(web, as_alice, framing):
    as_alice.get(NEW)
    token = as_alice.cookies["csrftoken"].value
    text = b"".join(b"Line %d is one of very many lines.\n\n" % n for n in range(400_000))
    parts = [("csrfmiddlewaretoken", b"", token.encode()), ("file", b'; filename="a.txt"', text)]
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (name.encode(), extra, value)
        for name, extra, value in parts
    )
    body += b"--x--\r\n"
    headers = {
        "Cookie": f"{cookie_of(as_alice)}; csrftoken={token}",
        "Content_Type": "multipart/form-data; boundary=x",
    }
    if framing == "chunked":
        size = 1 << 20
        pieces = (body[at : at + size] for at in range(0, len(body), size))
        body = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces) + b"0\r\n\r\n"
        head = "".join(f"{name.replace('_', '-')}: {headers[name]}\r\n" for name in headers)
        with web.connect() as connection:
            extra = f"{head}Connection: close\r\nTransfer-Encoding: chunked\r\n"
            connection.sendall(HEAD.format(method="POST", path=NEW, headers=extra).encode() + body)
            status, answered = answer(connection)
    else:
        status, answered = web.ask("POST", NEW, body, **headers)
    assert status == 302, answered[:500]
    kept = settings.DATA_DIR / "files" / Document.objects.get().source.name
    assert kept.read_bytes() == text


def test_a_program_sends_a_document_by_a_token_that_may_write_and_by_no_other(web, alice):
    keys = {scope: make_token(user=alice, name=scope, scopes=[scope])[1] for scope in Scope.values}
    path, text = "/api/v1/documents", "One more sentence. " * 60_000
    body = json.dumps({"text": text}).encode()
    assert PERSON_BYTES > len(body) > ANYBODY_BYTES
    for key in ("nonsense", keys[Scope.READ], keys[Scope.SPEECH]):
        status, told, _ = announce(web, path, len(body), Authorization=f"Bearer {key}")
        assert status == 413
        assert "application/problem+json" in told
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {keys[Scope.WRITE]}"}
    status, _ = web.ask("POST", path, body, **headers)
    assert status == 201
    assert Document.objects.get().source_bytes == len(text)
