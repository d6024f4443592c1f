"""What books, people, feeds and servers call things is shown as text, in a browser without CSP."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from .conftest import sign_in

# Each runs, or leaves its element, wherever it is taken for HTML, an attribute, a script or JSON.
HOSTILE = (
    "\"><img src=x onerror=window.hit=1>'><svg onload=window.hit=1></title></textarea></script>"
    "<script>window.hit=1</script>{{7*7}}<!--javascript:window.hit=1"
)
# Where there is little room.
SHORT = '"><img src=x onerror=window.hit=1>'
MARK = "window.hit"
CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
PACKAGE = (
    '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
    '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{words}</dc:title>'
    "<dc:creator>{words}</dc:creator><dc:language>{words}</dc:language>"
    "<dc:description>{words}</dc:description><dc:rights>{words}</dc:rights></metadata>"
    '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
    '<spine><itemref idref="a"/></spine></package>'
)
CHAPTER = (
    '<html xmlns="http://www.w3.org/1999/xhtml" lang="{attribute}"><head><title>{words}</title>'
    '</head><body><h1 id="{attribute}">{words}</h1>'
    '<p title="{attribute}" onclick="window.hit=1">{words}</p>'
    '<p><a href="javascript:window.hit=1">a link</a> <a href="{attribute}">another</a></p>'
    '<img src="none.png" alt="{attribute}" onerror="window.hit=1"/><h2>A chapter {words}</h2>'
    "<table><caption>{words}</caption><tr><td>{words}</td></tr></table>"
    "<script>window.hit=1</script><svg xmlns='http://www.w3.org/2000/svg' onload='window.hit=1'/>"
    "<math xmlns='http://www.w3.org/1998/Math/MathML'><annotation-xml encoding='text/html'>"
    "<img src='x' onerror='window.hit=1'/></annotation-xml><mi>x</mi></math>"
    "<p>The last paragraph.</p></body></html>"
)

OPENERS = "button[aria-expanded], button[popovertarget], summary"
OPEN_ALL = f"""[...document.querySelectorAll("{OPENERS}")]
    .forEach((button) => button.click())"""
# What would run, had it come as markup.
ELEMENTS = """[...document.querySelectorAll("img[src=x], svg[onload], [onerror], [onclick]")]
    .map((element) => element.outerHTML)"""
# The bookmark that brings pages in is a script of ours.
LINKS = """[...document.links].filter((link) => link.protocol === "javascript:")
    .map((link) => link.href).filter((href) => href.includes("hit"))"""


def book() -> bytes:
    words = HOSTILE.replace("&", "&amp;").replace("<", "&lt;")
    attribute = words.replace('"', "&quot;")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("book.opf", PACKAGE.format(words=words))
        archive.writestr("a.xhtml", CHAPTER.format(words=words, attribute=attribute))
    return file.getvalue()


@pytest.fixture
def hostile(stack):
    """Return a person of the staff, and a document of theirs that is hostile wherever it can be."""
    from reader.models import (
        Annotation,
        Collection,
        CollectionItem,
        Export,
        LexiconEntry,
        QueueItem,
        SavedFilter,
        Subscription,
        Token,
        User,
        Webhook,
    )
    from tts.models import AudioVariant, SpeechModel, Voice

    person = stack.person()
    user = User.objects.get(username=person)
    user.is_staff = user.is_superuser = True
    user.first_name = user.last_name = HOSTILE[:150]
    user.save()
    slug = stack.tones()
    stack.hears(person, slug, "tone-500")
    # As a server may name them.
    Voice.objects.filter(speech_model__model_slug=slug).update(name=HOSTILE[:100])
    SpeechModel.objects.filter(model_slug=slug).update(name=SHORT)
    document = hostile_document(user)
    deleted = hostile_document(user)
    deleted.deleted_at = deleted.changed_at
    deleted.save()
    Annotation.objects.create(
        user=user, document=document, kind="highlight", block_idx=0, end_block_idx=0, end=1,
        quote=HOSTILE, note=HOSTILE,
    )  # fmt: skip
    for kind in Collection.Kind.values:
        collection = Collection.objects.create(owner=user, kind=kind, name=HOSTILE[:100])
        CollectionItem.objects.create(collection=collection, document=document)
    SavedFilter.objects.create(owner=user, name=HOSTILE[:100], parameters=f"q={SHORT}")
    QueueItem.objects.create(user=user, document=document)
    Subscription.objects.create(
        owner=user, address="https://a.example/", title=HOSTILE, error=HOSTILE,
        collection=collection,
    )  # fmt: skip
    Export.objects.create(
        owner=user, document=document, kind="m4b", status="error", error=HOSTILE,
        voice_name=HOSTILE[:100],
    )  # fmt: skip
    LexiconEntry.objects.create(user=user, word=HOSTILE[:100], say=HOSTILE[:100])
    Token.objects.create(user=user, name=SHORT, digest=f"{user.pk}", scopes=["read"])
    Webhook.objects.create(user=user, url=f"https://a.example/?{SHORT}")
    voice = Voice.objects.by_slugs(slug, "tone-500").get()
    AudioVariant.objects.create(
        voice=voice, text=HOSTILE, text_hash="1" * 40, recipe_hash="1" * 40, language="en",
        status="error", error=HOSTILE,
    )  # fmt: skip
    return person, document


def hostile_document(user):
    from reader.ingestion.importing import import_document
    from reader.services.documents import add_document

    upload = SimpleUploadedFile("book.epub", book())
    upload.name = HOSTILE.replace("/", "|")[:240] + ".epub"
    document = add_document(owner=user, upload=upload, kind="epub", title="")
    import_document(document)
    document.refresh_from_db()
    assert document.status == "ready", document.error
    assert MARK in document.title
    return document


def test_words_run_nowhere(stack, new_context, hostile):
    person, document = hostile
    page = new_context(heard=True).new_page()  # with the CSP off
    sign_in(page, person)
    visited = [
        "/", "/?q=window", f"/?q={SHORT}", "/?sort=title", f"/documents/{document.uuid}/",
        f"/documents/{document.uuid}/exports/", "/documents/new/", f"/documents/new/?title={SHORT}",
        "/exports/", "/queue/", "/subscriptions/", "/trash/", "/settings/", "/settings/words/",
        "/settings/use/", "/settings/tokens/", "/settings/anywhere/", "/settings/webhooks/",
        "/api/v1/docs", "/admin/", "/admin/health/",
        *(reverse(f"admin:{name}_changelist") for name in admin_lists()),
        reverse("admin:reader_document_change", args=[document.pk]),
        reverse("admin:reader_document_delete", args=[document.pk]),
    ]  # fmt: skip
    shown = []
    for path in visited:
        answer = page.goto(path)
        assert answer.status == 200, path
        page.wait_for_load_state("load")
        page.evaluate(OPEN_ALL)
        page.wait_for_timeout(200)
        assert page.evaluate("window.hit") is None, path
        assert page.evaluate(ELEMENTS) == [], path
        assert page.evaluate(LINKS) == [], path
        if MARK in page.inner_text("body"):
            shown.append(path)
    # They were there to be seen, wherever such names are.
    assert {"/", "/exports/", "/queue/", "/subscriptions/", "/trash/", "/settings/words/"} <= {
        *shown
    }, shown


def admin_lists() -> list[str]:
    from django.contrib import admin

    return [
        f"{model._meta.app_label}_{model._meta.model_name}"
        for model in admin.site._registry
        if model._meta.app_label in ("reader", "tts")
    ]
