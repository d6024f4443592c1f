"""The private podcast: RSS, its sounds, chapters and transcripts, under a secret address."""

from __future__ import annotations

import hashlib
import uuid
from email.utils import format_datetime

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from tts.delivery.responses import SoundGone, file_response, open_stored

from ..exporting.writers import KINDS
from ..models import Export, Feed
from ..services import feeds
from .exports import file_of

# Nobody else keeps it, and no search engine lists it.
PRIVATE = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}


@login_not_required
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Answer with the podcast as RSS; what has not changed since is not sent again."""
    found = _feed(secret)
    episodes = list(feeds.episodes_of(found))
    for episode in episodes:
        _dress(request, episode, secret)
    latest = max([found.created_at, *(each.finished_at or found.created_at for each in episodes)])
    context = {
        "owner": found.owner,
        "title": f"Lectern: {found.collection or found.owner.username}",
        "episodes": episodes,
        "self": request.build_absolute_uri(),
        "home": request.build_absolute_uri(reverse("library")),
        "artwork": request.build_absolute_uri(static("icons/podcast.png")),
        "built": format_datetime(latest),
    }
    response = render(request, "reader/feed.xml", context, "application/rss+xml; charset=utf-8")
    etag = f'"{hashlib.blake2b(response.content, digest_size=16).hexdigest()}"'
    for name, value in PRIVATE.items():
        response.headers[name] = value
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(latest.timestamp())
    conditional = get_conditional_response(
        request, etag=etag, last_modified=int(latest.timestamp()), response=response
    )
    return conditional or response


@login_not_required
@require_safe
def episode(request: HttpRequest, secret: str, uuid: uuid.UUID, extension: str) -> HttpResponseBase:
    """Answer with the sound of an episode."""
    found = _episode(secret, uuid)
    if KINDS[found.kind].extension != extension:
        raise Http404
    return file_of(request, found, {"X-Robots-Tag": "noindex"})


@login_not_required
@require_safe
def chapters(request: HttpRequest, secret: str, uuid: uuid.UUID) -> HttpResponse:
    """Answer with an episode's chapters, as the podcast namespace has them."""
    found = _episode(secret, uuid)
    listed = [{"startTime": ms / 1000, "title": title} for ms, title in found.chapter_list]
    return JsonResponse(
        {"version": "1.2.0", "title": found.document.name, "chapters": listed},
        content_type="application/json+chapters",
        headers=PRIVATE,
    )


@login_not_required
@require_safe
def transcript(request: HttpRequest, secret: str, uuid: uuid.UUID) -> HttpResponseBase:
    """Answer with what is said in an episode, as WebVTT."""
    found = _episode(secret, uuid)
    name = str(found.transcript.name)
    try:
        size = found.transcript.size if name else 0
        stored = open_stored(name, size)
    except (OSError, SoundGone):
        raise Http404 from None
    headers = {**PRIVATE, "Content-Type": "text/vtt; charset=utf-8"}
    etag = f'"{found.uuid.hex}-words"'
    return file_response(request, stored, size=size, etag=etag, headers=headers)


@login_not_required
@require_safe
def cover(request: HttpRequest, secret: str, uuid: uuid.UUID) -> HttpResponseBase:
    """Answer with the cover of an episode's document."""
    found = _episode(secret, uuid)
    picture = found.document.pictures.filter(name=found.document.cover).first()
    if picture is None:
        raise Http404
    try:
        size = picture.file.size
        stored = open_stored(str(picture.file.name), size)
    except (OSError, SoundGone):
        raise Http404 from None
    headers = {**PRIVATE, "Content-Type": picture.content_type}
    return file_response(request, stored, size=size, etag=f'"{picture.name}"', headers=headers)


def _feed(secret: str) -> Feed:
    found = feeds.find_feed(secret)
    if found is None:
        raise Http404
    return found


def _episode(secret: str, pk: uuid.UUID) -> Export:
    return get_object_or_404(feeds.episodes_of(_feed(secret)), uuid=pk)


def _dress(request: HttpRequest, episode: Export, secret: str) -> None:
    """Give an episode what is said of it in the feed."""

    def address(name: str, *more: str) -> str:
        return request.build_absolute_uri(reverse(name, args=[secret, episode.uuid, *more]))

    kind = KINDS[episode.kind]
    seconds = episode.duration_ms // 1000
    about = {
        "address": address("feed_episode", kind.extension),
        "content_type": "audio/x-m4a" if kind.slug == "m4b" else kind.content_type,
        "published": format_datetime(episode.finished_at or episode.created_at),
        "lasts": f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}",
        "chapters_address": address("feed_chapters") if episode.chapter_list else "",
        "transcript_address": address("feed_transcript") if episode.transcript else "",
        "cover_address": address("feed_cover") if episode.document.cover else "",
    }
    for name, value in about.items():
        setattr(episode, name, value)
