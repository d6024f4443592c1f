"""Get voices: what the catalogues offer, what is on its way, what is here and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from tts.engines.piper import folder as piper_folder
from tts.getting import catalogues, downloads, installed, transfer
from tts.getting.offers import Offer
from tts.getting.transfer import TransferFailed
from tts.models import VoiceDownload
from tts.tasks import get_voice

PERMISSION = "tts.add_voice"
LARGEST_SAMPLE, SAMPLE_SECONDS = 5_000_000, 8.0
KINDS = {".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg"}


@dataclass(frozen=True, slots=True)
class Row:
    """An offer as the page shows it."""

    offer: Offer
    is_here: bool
    download: VoiceDownload | None


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """Return the routes of these pages, below those of speech models."""
    views: list[tuple[str, Callable[..., HttpResponse], str]] = [
        ("get-voices/", page(site), "get_voices"),
        ("get-voices/get/", require_POST(get), "get_voice"),
        ("get-voices/delete/", require_POST(delete), "delete_voice"),
        ("get-voices/sample/<str:name>/", require_safe(sample), "voice_sample"),
        ("get-voices/card/<str:name>/", require_safe(card), "voice_card"),
    ]
    return [
        path(route, site.admin_view(_permitted(view)), name=f"tts_speechmodel_{name}")
        for route, view, name in views
    ]


def address(language: str = "") -> str:
    """Return the page's address, open at a language."""
    query = f"?{urlencode({'language': language})}" if language else ""
    return reverse("admin:tts_speechmodel_get_voices") + query


def page(site: admin.AdminSite) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        offers, trouble = catalogues.hibari_offers(), ""
        try:
            offers = [*offers, *catalogues.piper_offers()]
        except TransferFailed as error:
            trouble = error.message
        languages = {offer.language: offer.language_name for offer in offers}
        chosen = _chosen(request.GET.get("language", ""), languages)
        shown = [offer for offer in offers if _base(offer.language) == chosen]
        if not trouble:
            shown = catalogues.with_cards(shown)
        rows = _rows(shown)
        under_way = list(VoiceDownload.objects.exclude(status=VoiceDownload.Status.DONE))
        context = {
            **site.each_context(request),
            "title": "Get voices",
            "rows": sorted(rows, key=lambda row: (row.offer.language, row.offer.title)),
            "languages": _choices(languages),
            "language": chosen,
            "trouble": trouble,
            "source": catalogues.piper_source(),
            "under_way": under_way,
            "looks_again": any(download.is_going_on for download in under_way),
            "here": _here(),
            "faults": piper_folder.scan()[1],
            "folder": piper_folder.folder(),
            "hibari_folder": installed.folder_of("hibari"),
        }
        return TemplateResponse(request, "admin/tts/speechmodel/get_voices.html", context)

    return require_safe(view)


def get(request: HttpRequest) -> HttpResponse:
    """Have a voice fetched."""
    try:
        offer = catalogues.offer_named(request.POST.get("name", ""))
    except (LookupError, TransferFailed) as error:
        messages.error(request, str(error.args[0]))
        return redirect(address())
    download = downloads.ask_for(offer)
    with suppress(OperationalError):  # beat sends it again when Redis is back
        get_voice.delay(download.pk)
    return redirect(address(_base(offer.language)))


def delete(request: HttpRequest) -> HttpResponse:
    """Delete a voice's files, or forget that it was asked for."""
    name = request.POST.get("name", "")
    engine = "hibari" if any(o.name == name for o in catalogues.hibari_offers()) else "piper"
    try:
        removed = downloads.delete(engine, name)
    except OSError as error:
        messages.error(request, f"{name} could not be deleted: {error.strerror}.")
    else:
        words = (
            "was deleted. What it has spoken is kept." if removed else "is not fetched any more."
        )
        messages.success(request, f"The voice {name} {words}")
    return redirect(address(request.POST.get("language", "")))


def sample(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with a sample of a voice, fetched from the catalogue for this page."""
    offer = _offer(name)
    ending = offer.sample_url[-4:]
    try:
        sound = transfer.read(
            catalogues.source_of(offer.engine), offer.sample_url,
            most_bytes=LARGEST_SAMPLE, seconds=SAMPLE_SECONDS,
        )  # fmt: skip
    except TransferFailed as error:
        raise Http404(error.message) from error
    return HttpResponse(sound, content_type=KINDS.get(ending, "application/octet-stream"))


def card(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with what is told of a voice and its licence, as plain text."""
    text = installed.card_of(name) if "/" not in name else ""
    try:
        text = text or catalogues.card(_offer(name))
    except TransferFailed as error:
        raise Http404(error.message) from error
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _permitted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def permitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return permitted


def _offer(name: str) -> Offer:
    try:
        return catalogues.offer_named(name)
    except (LookupError, TransferFailed) as error:
        raise Http404 from error


def _rows(offers: list[Offer]) -> list[Row]:
    here = installed.names()
    on_their_way = {download.name: download for download in VoiceDownload.objects.all()}
    return [Row(offer, offer.name in here, on_their_way.get(offer.name)) for offer in offers]


def _here() -> list[dict[str, object]]:
    """Return the voices that are on this machine, with the licence that their cards tell."""
    languages = {offer.name: offer for offer in catalogues.hibari_offers()}
    files = {voice.name: voice.language for voice in piper_folder.scan()[0]}
    return [
        {
            "name": name,
            "language": files.get(name) or languages[name].language,
            "licence": languages[name].licence
            if name in languages
            else catalogues.licence_in(installed.card_of(name)),
            "has_card": bool(installed.card_of(name)),
        }
        for name in sorted(installed.names())
    ]


def _base(language: str) -> str:
    return language.partition("-")[0]


def _choices(languages: dict[str, str]) -> list[tuple[str, str]]:
    """Return the languages by their names, without their countries."""
    names = {_base(code): name.partition(" (")[0] for code, name in languages.items()}
    return sorted(names.items(), key=lambda choice: choice[1])


def _chosen(asked: str, languages: dict[str, str]) -> str:
    bases = {_base(code) for code in languages}
    return _base(asked) if _base(asked) in bases else "en"
