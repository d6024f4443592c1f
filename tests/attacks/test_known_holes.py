"""Holes that readers and servers of others had, a kind each: tried on ours."""

from __future__ import annotations

import http.server
import io
import threading
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from reader.ingestion.importing import import_document
from reader.models import Document
from reader.services.documents import add_document

from .conftest import answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
PACKAGE = (
    '<?xml version="1.0"?>{doctype}<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
    '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></metadata>'
    '<manifest><item id="a" href="{href}" media-type="application/xhtml+xml"/>{more}</manifest>'
    '<spine><itemref idref="a"/></spine></package>'
)
CHAPTER = (
    '<?xml version="1.0"?>{doctype}<html xmlns="http://www.w3.org/1999/xhtml">'
    "<head><title>A chapter</title>{head}</head><body><p>The words of the book are read.</p>{body}"
    "</body></html>"
)


def epub(**parts: str) -> bytes:
    """Return a book of one chapter, in which some parts are as they should not be."""
    href = parts.pop("href", "chapter.xhtml")
    names = parts.pop("names", href)
    package = PACKAGE.format(
        doctype=parts.pop("package_doctype", ""), title=parts.pop("title", "A book"),
        href=href, more=parts.pop("more", ""),
    )  # fmt: skip
    chapter = CHAPTER.format(
        doctype=parts.pop("doctype", ""), head=parts.pop("head", ""), body=parts.pop("body", "")
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("OEBPS/book.opf", package)
        book.writestr(f"OEBPS/{names}", chapter)
        for name, content in parts.items():
            book.writestr(name, content)
    return file.getvalue()


def bring_in(owner, content: bytes, kind: str = "epub") -> Document:
    upload = SimpleUploadedFile(f"book.{kind}", content)
    document = add_document(owner=owner, title="A book", upload=upload, kind=kind)
    import_document(document)
    document.refresh_from_db()
    return document


@pytest.fixture
def trap():
    """A server on this machine that notes whatever is asked of it."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.asked = asked
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()


# --- an exemption that is decided by the address as a text ----------------------------------------


def pages(patterns=None, prefix="/") -> list[str]:
    """Return the addresses of all pages that need nothing but themselves."""
    found = []
    for each in get_resolver().url_patterns if patterns is None else patterns:
        route = str(each.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(each, URLResolver):
            found += pages(each.url_patterns, prefix + route)
        elif isinstance(each, URLPattern) and not set(route) & set("<(\\["):
            found.append(prefix + route)
    return found


OPEN = {"/healthz", "/readyz", "/metrics"}
EXEMPT = ["/accounts/login/", "/healthz", "/static/css/tokens.css", "/accounts/signup/"]


def test_no_page_is_opened_by_what_is_written_behind_or_before_its_address(web):
    closed = [
        path
        for path in pages()
        if path not in OPEN
        and not path.startswith(("/accounts/", "/static/", "/admin/jsi18n"))
        and web.ask("GET", path)[0] in (302, 401, 403, 404, 405)
    ]
    assert "/documents/new/" in closed
    for path in closed:
        before = web.ask("GET", path)[0]
        for exempt in EXEMPT:
            for trick in (f"{path}?{exempt}", f"{path}?next={exempt}", f"{path};{exempt}"):
                status, text = web.ask("GET", trick)
                assert status in (before, 404), trick
                assert "A document" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/../../documents/new/", "/healthz/../documents/new/", "//documents/new/",
        "/accounts/login/%2e%2e/%2e%2e/documents/new/", "/static/../documents/new/",
        "/documents/new/%3f/healthz", "/healthz%2f..%2fdocuments/new/", "/DOCUMENTS/NEW/",
        "/documents/new/#/healthz", "http://localhost/documents/new/", "/./documents/new/",
    ],
)  # fmt: skip
def test_no_page_is_opened_by_another_way_of_writing_its_address(web, path):
    status, text = web.ask("GET", path)
    assert status in (301, 302, 400, 404)
    assert 'name="text"' not in text


@pytest.mark.parametrize(
    "path",
    [
        "/static/%2e%2e/secret-key", "/static/..%2fsecret-key", "/static/%2e%2e%2fsecret-key",
        "/static/%252e%252e%252fsecret-key", "/static/..%5csecret-key", "/static//etc/passwd",
        "/static/%00/../secret-key", "/audio/..%2f..%2fsecret-key/1/",
        "/static/css/%2e%2e/%2e%2e/%2e%2e/secret-key",
    ],
)  # fmt: skip
def test_no_file_is_reached_by_dots_in_an_address(web, path):
    from django.conf import settings

    status, text = web.ask("GET", path)
    assert status in (301, 302, 400, 404)
    assert settings.SECRET_KEY not in text
    assert "root:" not in text


# --- books ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts",
    [
        {"body": '<img src="{url}/a.png" alt=""/><img srcset="{url}/b.png 2x" src="c.png"/>'},
        {"head": '<link rel="stylesheet" href="{url}/a.css"/>'},
        {"head": '<style>@import "{url}/b.css"; p { background: url({url}/c.png) }</style>'},
        {"head": '<base href="{url}/"/>', "body": '<img src="a.png" alt=""/>'},
        {"body": '<object data="{url}/a"/><embed src="{url}/b"/><iframe src="{url}/c"/>'},
        {"body": '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">'
                 '<image x:href="{url}/a.png"/><use href="{url}/b.svg#x"/></svg>'},
        {"doctype": '<!DOCTYPE html SYSTEM "{url}/a.dtd">'},
        {"doctype": '<!DOCTYPE html [<!ENTITY x SYSTEM "{url}/a">]>', "body": "<p>&x;</p>"},
        {"doctype": '<!DOCTYPE html [<!ENTITY % y SYSTEM "{url}/b">%y;]>'},
        {"package_doctype": '<!DOCTYPE package SYSTEM "{url}/a.dtd">'},
        {"body": '<include xmlns="http://www.w3.org/2001/XInclude" href="{url}/a" parse="text"/>'},
        {"more": '<item id="b" href="{url}/a.xhtml" media-type="application/xhtml+xml"/>'},
        {"more": '<item id="c" properties="cover-image" href="{url}/c" media-type="image/png"/>'},
        {"head": '<?xml-stylesheet href="{url}/a.xsl" type="text/xsl"?>'},
    ],
)  # fmt: skip
def test_a_book_fetches_nothing_when_it_comes_in_nor_when_it_is_shown(
    trap, alice, as_alice, settings, parts
):
    settings.FETCH_PRIVATE_ADDRESSES = True  # nobody else refuses it
    parts = {name: part.replace("{url}", trap.url) for name, part in parts.items()}
    document = bring_in(alice, epub(**parts))
    assert document.status == "ready", document.error
    shown = "".join(document.blocks.values_list("html", flat=True))
    assert "words of the book" in shown
    page = as_alice.get(f"/documents/{document.uuid}/").content.decode()
    for text in (shown, page):
        assert f'src="{trap.url}' not in text
        assert f"url({trap.url}" not in text
    assert trap.asked == []


SECRET = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "parts",
    [
        {"doctype": SECRET, "body": "<p>&x;</p>"},
        {"names": "../../../../../../etc/escaped", "href": "../../../../../../etc/passwd"},
        {"href": "%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd"},
        {"href": "file:///etc/passwd"},
        {"href": "/etc/passwd"},
        {"body": '<img src="../../../../../etc/passwd" alt=""/>'
                 '<img src="%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd" alt=""/>'},
        {"more": '<item id="c" properties="cover-image" href="..%2f..%2f..%2fetc/passwd" '
                 'media-type="image/png"/>'},
        {"../../../../escaped.xhtml": "out", "%2e%2e%2f%2e%2e%2fescaped": "out", "/escaped": "out"},
    ],
)  # fmt: skip
def test_a_book_reaches_no_file_outside_of_itself(alice, settings, tmp_path, parts):
    from tests import environment

    document = bring_in(alice, epub(**parts))
    shown = "".join(document.blocks.values_list("html", flat=True))
    assert "root:" not in shown
    assert list(environment.DATA_DIR.rglob("*escaped*")) == []
    assert list(tmp_path.rglob("*escaped*")) == []
    for name in document.pictures.values_list("file", flat=True):
        assert ".." not in name


MANY_ATTRIBUTES = " ".join(f'a{n}=""' for n in range(10_000))
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "parts",
    [
        {"doctype": f'<!DOCTYPE html [<!ENTITY a0 "ha">{LAUGHS}]>', "body": "<p>&a9;</p>"},
        {"package_doctype": f'<!DOCTYPE p [<!ENTITY a0 "ha">{LAUGHS}]>', "title": "&a9;"},
        {"body": "<div>" * 50_000 + "deep" + "</div>" * 50_000},
        {"body": "<ul><li>" * 2_000 + "deep" + "</li></ul>" * 2_000},
        {"body": "<blockquote>" * 3_000 + "<p>deep</p>" + "</blockquote>" * 3_000},
        {"body": f"<p {MANY_ATTRIBUTES}>x</p>"},
    ],
)
def test_nested_xml_ends_soon_and_told_or_read(alice, parts):
    document = bring_in(alice, epub(**parts))
    assert document.status in ("ready", "failed")
    assert document.status == "ready" or document.error
    assert sum(len(text) for text in document.blocks.values_list("text", flat=True)) < 100_000


# --- headers --------------------------------------------------------------------------------------


def raw(web, *lines: str) -> tuple[int, str]:
    with web.connect() as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        return answer(connection)


def test_headers_that_are_spelled_otherwise_are_not_believed(web, alice):
    """What a proxy strips, written with underscores, twice, or folded."""
    client = Client()
    client.force_login(alice)
    session = client.cookies["sessionid"].value
    for header in ("Cookie_: x", "COOKIE_: x", "X_Forwarded_For: 10.0.0.1"):
        name, _, value = header.partition(":")
        value = f"sessionid={session}" if "OOKIE" in name.upper() else value
        status, text = raw(web, "GET / HTTP/1.1", "Host: localhost", f"{name}: {value}")
        assert status == 302, header
        assert "alice" not in text


@pytest.mark.parametrize(
    "lines",
    [
        ["GET / HTTP/1.1", "Host: localhost", "Host: evil.example"],
        ["GET / HTTP/1.1", "Host: localhost", "X: a\x00b"],
        ["GET /\x00 HTTP/1.1", "Host: localhost"],
        ["GET / HTTP/1.1", "Host: localhost", "X-\xe9: 1"],
        ["GET / HTTP/1.1", "Host: localhost", "Cookie: " + "a=b; " * 3000],
        ["GET / HTTP/1.1", "Host: localhost", *(f"X-{n}: 1" for n in range(400))],
        ["GET / HTTP/1.1", "Host: localhost", "Content-Length: -1"],
        ["POST / HTTP/1.1", "Host: localhost", "Content-Length: 5", "Content-Length: 6"],
        ["POST / HTTP/1.1", "Host: localhost", "Content-Length: 3", "Transfer-Encoding: chunked"],
        ["POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked, identity"],
        ["GET / HTTP/9.9", "Host: localhost"],
        ["GET http://evil.example/ HTTP/1.1", "Host: localhost"],
        ["GET / HTTP/1.1", "Host: evil.example"],
        ["GET / HTTP/1.1", "Host: localhost", "Cookie: sessionid=\xff\xfe\x00"],
        ["GET / HTTP/1.1", "Host: localhost", "Accept-Language: " + "a-" * 3000],
        ["GET / HTTP/1.1", "Host: localhost", "Range: bytes=" + "0-1," * 2000],
    ],
)  # fmt: skip
def test_a_request_that_is_none_is_refused_and_no_defect(web, lines):
    status, text = raw(web, *lines)
    assert status != 500
    assert status < 500
    assert "Traceback" not in text
    assert "//evil.example" not in text  # no link, no redirect to there
    assert web.ask("GET", "/healthz")[0] == 200
