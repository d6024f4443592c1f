"""Web pages: fetched from the public web, and from nowhere else, however it is written."""

import gzip
import http.server
import socket
import threading
import time

import pytest

from reader.extraction import ExtractionError
from reader.forms.documents import DocumentForm
from reader.ingestion import fetching
from reader.ingestion.fetching import fetch, is_public
from reader.ingestion.importing import import_document
from reader.services.documents import add_document
from tests.reader.extraction.material import file

MOST = 200_000
PAGE = b"<html><body><h1>A page</h1><p>Its words.</p></body></html>"

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
    "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1",
    "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fc00::1", "fec0::1", "ff02::1",
    "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "::127.0.0.1",
    "2001:db8::1", "fe80::1%eth0", "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_known(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_an_address_that_is_public_is_known(address):
    assert is_public(address)


SPELLINGS = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0177.1", "localhost",
    "LOCALHOST", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0", "0.0.0.0",
    "①②⑦.⓪.⓪.①",
]  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
def test_this_machine_is_not_reached_however_it_is_written(host, site):
    with pytest.raises(ExtractionError, match=r"not on the public web|no site named|Enter the"):
        fetch(f"http://{host}:{site.port}/", most_bytes=MOST)
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    ["ftp://example.org/", "file:///etc/passwd", "gopher://x/", "http://", "//example.org",
     "http://user:secret@example.org/", "http://exa mple.org/", "http://example.org:99999/",
     "javascript:alert(1)", ""],
)  # fmt: skip
def test_what_is_no_address_of_a_page_is_told(address):
    with pytest.raises(ExtractionError):
        fetch(address, most_bytes=MOST)


class Site:
    """A web server on this machine, which tests reach by saying that they may."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.pages: dict[str, object] = {}
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.pages[self.path](self)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def address(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site():
    site = Site()
    yield site
    site.close()


def answer(status=200, body=PAGE, length=None, **headers):
    def handle(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)
        if length is not None:
            handler.close_connection = True

    return handle


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/", "/a/b/", "/index.html", "/2024/1234"])
def test_a_page_without_a_title_is_called_by_its_first_words(site, alice, settings, path):
    settings.FETCH_PRIVATE_ADDRESSES = True
    body = b"<html><body><p>The first words of it are these.</p></body></html>"
    site.pages[path] = answer(body=body, Content_Type="text/html")
    document = add_document(owner=alice, address=site.address(path), kind="html")
    import_document(document)
    document.refresh_from_db()
    assert (document.status, document.title) == ("ready", "The first words of it are these.")


def get(site, path="/", **options):
    return fetch(site.address(path), most_bytes=MOST, may_be_private=True, **options)


def test_a_page_is_fetched_with_its_type_and_charset(site):
    site.pages["/a"] = answer(Content_Type="text/html; charset=ISO-8859-1")
    fetched = get(site, "/a")
    assert (fetched.data, fetched.content_type, fetched.charset) == (
        PAGE, "text/html", "iso-8859-1",
    )  # fmt: skip


def test_a_packed_page_is_unpacked(site):
    site.pages["/"] = answer(body=gzip.compress(PAGE), Content_Encoding="gzip")
    assert get(site).data == PAGE


def test_redirects_are_followed_and_end(site):
    site.pages["/"] = answer(302, Location="/b")
    site.pages["/b"] = answer(301, Location="c?d=e f")
    site.pages["/c?d=e%20f"] = answer()
    assert get(site).address == site.address("/c?d=e f")
    site.pages["/loop"] = answer(307, Location="/loop")
    with pytest.raises(ExtractionError, match="without end"):
        get(site, "/loop")
    assert site.asked.count("/loop") == fetching.MAX_REDIRECTS + 1


def test_a_redirect_to_this_machine_is_not_followed(site, monkeypatch):
    """The first hop is taken for a public one; what it sends to is checked like any other."""
    seen = iter([True])
    real = fetching.is_public
    monkeypatch.setattr(fetching, "is_public", lambda ip: next(seen, None) or real(ip))
    site.pages["/"] = answer(302, Location=site.address("/secret"))
    site.pages["/secret"] = answer()
    with pytest.raises(ExtractionError, match="not on the public web"):
        fetch(site.address(), most_bytes=MOST)
    assert site.asked == ["/"]


def test_a_name_whose_address_changes_reaches_what_was_checked(site, monkeypatch):
    """The name is asked once; the connection goes to the answer that was checked."""
    asked = []

    def changing(host, port, **options):
        asked.append(host)
        place = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port))]

    connected = []
    monkeypatch.setattr(socket, "getaddrinfo", changing)
    monkeypatch.setattr(socket.socket, "connect", lambda _, place: connected.append(place) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fetch(f"http://changing.example:{site.port}/", most_bytes=MOST)
    assert asked == ["changing.example"]
    assert connected == [("93.184.216.34", site.port)]


def test_a_name_with_one_private_address_among_others_is_refused(monkeypatch):
    places = ["93.184.216.34", "10.0.0.1"]
    monkeypatch.setattr(
        socket, "getaddrinfo",
        lambda host, port, **_: [(socket.AF_INET, 1, 6, "", (place, port)) for place in places],
    )  # fmt: skip
    with pytest.raises(ExtractionError, match="not on the public web"):
        fetch("http://both.example/", most_bytes=MOST)


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "sign in"), (403, "sign in"), (404, "no page"), (410, "no page"), (500, "error \\(500")],
)
def test_errors_of_the_site_are_told(site, status, told):
    site.pages["/"] = answer(status)
    with pytest.raises(ExtractionError, match=told):
        get(site)


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"word " * 10_000)
    except OSError:
        handler.close_connection = True


def drip(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"w")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        handler.close_connection = True


HARM = {
    "endless body": (endless, "larger"),
    "announced too large": (answer(body=b"x" * (MOST + 1)), "larger"),
    "compressed bomb": (
        answer(body=gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip"), "larger",
    ),
    "damaged": (answer(body=b"no gzip", Content_Encoding="gzip"), "damaged"),
    "another encoding": (answer(Content_Encoding="br"), "not asked for"),
    "broken off": (answer(length=len(PAGE) + 100), "broke the connection off"),
    "slow drip": (drip, "too long"),
}  # fmt: skip


@pytest.mark.parametrize("case", HARM)
def test_a_site_that_means_harm_costs_little(site, case, monkeypatch):
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 1.5)
    site.pages["/"], told = HARM[case]
    began = time.monotonic()
    with pytest.raises(ExtractionError, match=told):
        get(site)
    assert time.monotonic() - began < 15


def test_a_site_that_is_not_there_is_told():
    with pytest.raises(ExtractionError, match="no site named"):
        fetch("http://no-such-host.invalid/", most_bytes=MOST)


# --- brought in -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_page_of_a_site_is_brought_in_by_its_address(site, alice, settings):
    """Real pages, from Debian's packages, served on this machine."""
    settings.FETCH_PRIVATE_ADDRESSES = True
    folder = file("developers-reference", "usr/share/developers-reference")
    site.pages["/pkgs.html"] = answer(
        body=(folder / "pkgs.html").read_bytes(), Content_Type="text/html; charset=utf-8"
    )
    form = DocumentForm({"url": site.address("/pkgs.html")}, owner=alice)
    assert form.is_valid(), form.errors
    document = add_document(owner=alice, address=form.cleaned_data["url"], kind=form.kind)
    import_document(document)
    document.refresh_from_db()
    assert (document.status, document.kind, document.language) == ("ready", "html", "en")
    assert "Managing Packages" in document.title
    assert document.source.name.endswith(".html")
    assert document.outline.count() > 20
    shown = " ".join(document.blocks.values_list("html", flat=True))
    assert "Quick search" not in shown
    assert site.asked == ["/pkgs.html"]


@pytest.mark.django_db(transaction=True)
def test_a_pdf_at_an_address_is_a_pdf(site, alice, settings):
    settings.FETCH_PRIVATE_ADDRESSES = True
    path = file("octave-doc", "usr/share/doc/octave/refcard-a4.pdf")
    site.pages["/x"] = answer(body=path.read_bytes(), Content_Type="application/pdf")
    document = add_document(owner=alice, address=site.address("/x"), kind="html")
    import_document(document)
    document.refresh_from_db()
    assert (document.status, document.kind, document.part_count) == ("ready", "pdf", 3)


@pytest.mark.django_db(transaction=True)
def test_an_address_that_is_not_public_fails_in_words(site, alice):
    document = add_document(owner=alice, address=site.address(), kind="html")
    import_document(document)
    document.refresh_from_db()
    assert (document.status, document.error) == ("failed", fetching.FORBIDDEN)
    assert not document.source
    assert site.asked == []
