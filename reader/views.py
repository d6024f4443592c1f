"""Pages, and the sound: may this person hear it?"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any, cast
from urllib.parse import quote

import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Subquery, Sum
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from tts import pace, previews, synthesis
from tts.audio import FORMATS
from tts.delivery import SoundGone, sound_response
from tts.models import AudioVariant, SpeechModel, Status, Voice

from . import services, use
from .extraction import EXTENSIONS
from .forms import (
    CorrectionForm,
    DocumentForm,
    LexiconForm,
    ListeningForm,
    PreferencesForm,
    PreparationForm,
    SignUpForm,
    SpeechForm,
)
from .languages import language_name
from .models import (
    Block,
    Document,
    DocumentQuerySet,
    LexiconEntry,
    OutlineEntry,
    Position,
    Preparation,
    User,
)

DOCUMENTS_PER_PAGE = 40
BLOCKS_PER_PAGE = 500
LEAST_OUTLINE = 3
CHARACTERS_PER_MINUTE = 14 * 60


# --- accounts -----------------------------------------------------------------------------------


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    if not settings.SIGNUP_OPEN:
        raise Http404
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        login(request, form.save())
        return redirect("library")
    return render(request, "registration/signup.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def preferences_page(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    form = PreferencesForm(request.POST or None, instance=user)
    if form.is_valid():
        form.save()
        messages.success(request, "Kept.")
        return redirect("preferences_page")
    return render(request, "reader/preferences.html", {"form": form})


@require_safe
def use_page(request: HttpRequest) -> HttpResponse:
    """Show a person what they used."""
    return render(request, "reader/use.html", use.of_person(_person(request)))


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen on the reading page."""
    form = ListeningForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    chosen = {
        name: form.cleaned_data[name]
        for name in ("voice", "speed", "auto_play")
        if form.cleaned_data.get(name) is not None
    }
    if chosen:
        User.objects.filter(pk=_person(request).pk).update(**chosen)
    return HttpResponse(status=204)


# --- documents ----------------------------------------------------------------------------------


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    position = Position.objects.filter(user=user, document=OuterRef("pk")).values("block_idx")
    characters = (
        Block.objects.filter(document=OuterRef("pk"))
        .order_by()
        .values("document")
        .annotate(sum=Sum(Length("text")))
        .values("sum")
    )
    documents = Document.objects.visible_to(user).annotate(
        at_block=Subquery(position), characters=Subquery(characters)
    )
    page = Paginator(documents, DOCUMENTS_PER_PAGE).get_page(request.GET.get("page"))
    for document in page:
        _add_figures(document)
    return render(request, "reader/library.html", {"documents": page, "page_obj": page})


def _add_figures(document: Any) -> None:
    minutes = (document.characters or 0) / CHARACTERS_PER_MINUTE
    document.minutes = max(1, round(minutes))
    last = max(1, document.block_count - 1)
    document.percent = (
        None if document.at_block is None else min(100, round(100 * document.at_block / last))
    )


@require_http_methods(["GET", "HEAD", "POST"])
def document_new(request: HttpRequest) -> HttpResponse:
    form = DocumentForm(request.POST or None, request.FILES or None, owner=_person(request))
    if request.method == "POST" and form.is_valid():
        document = services.add_document(
            owner=_person(request),
            title=form.cleaned_data["title"],
            text=form.cleaned_data["text"],
            upload=form.cleaned_data["file"],
            kind=form.kind,
            address=form.cleaned_data["url"],
        )
        return redirect(document)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "extensions": ",".join(EXTENSIONS)}
    return render(request, "reader/document_new.html", context, status=status)


@require_safe
@never_cache
def document(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    user = _person(request)
    document = get_object_or_404(Document.objects.visible_to(user), uuid=uuid)
    page = _page_settings(user, document)
    # A long book is drawn as far as its reader is; the page fetches the rest by itself.
    last = page["position"]["block_idx"] + BLOCKS_PER_PAGE
    context = {
        "document": document,
        "blocks": document.blocks.filter(idx__lt=last),
        "outline": _outline(document),
        "page": page,
        "voices": _voices(),
    }
    return render(request, "reader/document.html", context)


def _outline(document: Document) -> list[OutlineEntry]:
    """Return the contents to show, each line with its depth below the first; none for one line."""
    entries = list(document.outline.all())
    if len(entries) < LEAST_OUTLINE:
        return []
    least = min(entry.level for entry in entries)
    for entry in entries:
        entry.depth = min(entry.level - least, 5)  # type: ignore[attr-defined]  # for the page
    return entries


def _page_settings(user: User, document: Document) -> dict[str, Any]:
    voice = services.voice_of(user)
    position = Position.objects.filter(user=user, document=document).first()
    return {
        "document_id": str(document.uuid),
        "revision": document.revision,
        "block_count": document.block_count,
        "status": document.status,
        "error": document.error,
        "part_unit": document.part_unit,
        "socket_path": f"/ws/documents/{document.uuid}/",
        "blocks_url": reverse("blocks", args=[document.uuid]),
        "preferences_url": reverse("preferences"),
        "sound_types": _sound_types(),
        "preview_url": reverse("voice_preview", args=["MODEL", "VOICE"]),
        "author": document.author or document.site,
        "artwork": _artwork(document),
        "look_ahead_seconds": settings.LOOK_AHEAD_SECONDS,
        "paces": _paces(),
        "prepare_url": reverse("preparation_start", args=[document.uuid]),
        "preparation": _preparation(document),
        "user": {
            "speed": user.speed,
            "auto_play": user.auto_play,
            "pause_ms": user.pause_ms,
            "own_voices": user.own_voices,
        },
        "voice": voice
        and {"model_slug": voice.speech_model.model_slug, "voice_slug": voice.voice_slug},
        "position": {
            "block_idx": position.block_idx if position else 0,
            "offset_ms": position.offset_ms if position else 0,
        },
    }


def _artwork(document: Document) -> list[dict[str, str]]:
    """Return what lock screens show: the cover if there is one, else our own mark."""
    if document.cover:
        return [{"src": reverse("picture", args=[document.uuid, document.cover])}]
    return [{"src": static("icons/logo.svg"), "sizes": "any", "type": "image/svg+xml"}]


def _paces() -> dict[str, dict[str, float]]:
    """Return how fast each speech model has been lately; nothing while Redis is away."""
    try:
        recent = pace.recent()
    except (redis.RedisError, OSError):
        return {}
    slugs = dict(SpeechModel.objects.filter(pk__in=recent).values_list("pk", "model_slug"))
    return {slugs[pk]: asdict(recent[pk]) for pk in slugs}


def _preparation(document: Document) -> dict[str, Any] | None:
    """Return how a preparation stands that runs, or of which the person may not have heard."""
    preparation = Preparation.objects.filter(document=document).select_related("voice").first()
    if preparation is None:
        return None
    return {
        "status": preparation.status,
        "done": preparation.done,
        "total": preparation.total,
        "error": preparation.error,
        "voice": preparation.voice.name,
    }


def _sound_types() -> dict[str, str]:
    """Return what sounds can be had in, by name; the installation's own format first."""
    own = synthesis.audio_format()
    return {sound.name: sound.mime_type for sound in (own, *FORMATS.values())}


def _voices() -> list[dict[str, Any]]:
    return [
        {
            "model_slug": voice.speech_model.model_slug,
            "model_name": voice.speech_model.name,
            "voice_slug": voice.voice_slug,
            "name": voice.name,
            "language": voice.language,
            "language_name": language_name(voice.language),
            "featured": voice.featured,
        }
        for voice in Voice.objects.usable()
    ]


@login_not_required
@require_safe
@never_cache
def blocks(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Answer with the markup of the blocks from an index on: they came after the page did."""
    document = get_object_or_404(_visible(request), uuid=uuid)
    first = request.GET.get("from", "0")
    start = int(first) if first.isascii() and first.isdigit() and len(first) < 10 else 0
    found = document.blocks.filter(idx__gte=start)[:BLOCKS_PER_PAGE]
    response = render(request, "reader/_blocks.html", {"document": document, "blocks": found})
    response.headers["Document-Status"] = document.status
    response.headers["Document-Title"] = quote(document.title)
    return response


@require_POST
def document_delete(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    document = get_object_or_404(Document.objects.visible_to(_person(request)), uuid=uuid)
    services.delete_document(document=document)
    messages.success(request, f"“{document}” was deleted.")
    return redirect("library")


@login_not_required
@require_safe
def picture(request: HttpRequest, uuid: uuid.UUID, name: str) -> HttpResponse:
    """Answer with a picture of a document."""
    document = get_object_or_404(_visible(request), uuid=uuid)
    found = get_object_or_404(document.pictures, name=name)
    try:
        with found.file.open("rb") as file:
            data = file.read()
    except OSError:
        raise Http404 from None
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'",
    }
    return HttpResponse(data, content_type=found.content_type, headers=headers)


# --- what is spoken -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def document_speech(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Choose what is read of a document."""
    document = get_object_or_404(Document.objects.visible_to(_person(request)), uuid=uuid)
    form = SpeechForm(request.POST or None, instance=document)
    if form.is_valid():
        services.speak_again([form.save()])
        messages.success(request, "Kept. What is read changes in a moment.")
        return redirect(document)
    context = {"form": form, "document": document}
    return render(request, "reader/document_speech.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def block_speech(request: HttpRequest, uuid: uuid.UUID, idx: int) -> HttpResponse:
    """Tell what is spoken of a block and why not all of it, and let it be corrected."""
    document = get_object_or_404(Document.objects.visible_to(_person(request)), uuid=uuid)
    block = get_object_or_404(document.blocks, idx=idx)
    form = CorrectionForm(request.POST or None, instance=block)
    if form.is_valid():
        Block.objects.filter(pk=block.pk).update(correction=form.cleaned_data["correction"])
        services.speak_again([document])
        messages.success(request, "Kept. What is read changes in a moment.")
        return redirect(f"{document.get_absolute_url()}#block-{idx}")
    context = {
        "form": form,
        "document": document,
        "block": block,
        "left_out": services.left_out(block),
    }
    return render(request, "reader/block_speech.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def lexicon(request: HttpRequest) -> HttpResponse:
    """A person's own pronunciations."""
    user = _person(request)
    form = LexiconForm(request.POST or None, instance=LexiconEntry(user=user))
    if form.is_valid():
        form.save()
        services.speak_all_again(user)
        messages.success(request, "Kept. Your documents follow in a moment.")
        return redirect("lexicon")
    return render(request, "reader/lexicon.html", {"form": form, "words": user.lexicon.all()})


@require_POST
def lexicon_delete(request: HttpRequest, pk: int) -> HttpResponse:
    user = _person(request)
    get_object_or_404(LexiconEntry, pk=pk, user=user).delete()
    services.speak_all_again(user)
    return redirect("lexicon")


@require_POST
def import_stop(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """End an import; what has come can be read."""
    document = get_object_or_404(Document.objects.visible_to(_person(request)), uuid=uuid)
    services.stop_import(document=document)
    return redirect(document)


@require_POST
def preparation_start(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """Have the whole document made in a voice, ahead of its time."""
    document = get_object_or_404(_visible(request), uuid=uuid, status=Document.Status.READY)
    form = PreparationForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    services.start_preparation(
        document=document,
        user=_person(request),
        voice=form.cleaned_data["voice"],
        sound=form.cleaned_data["sound"],
    )
    return HttpResponse(status=204)


@require_POST
def preparation_stop(request: HttpRequest, uuid: uuid.UUID) -> HttpResponse:
    """End a preparation; what was made stays."""
    services.stop_preparation(document=get_object_or_404(_visible(request), uuid=uuid))
    return HttpResponse(status=204)


# --- sound --------------------------------------------------------------------------------------


@require_safe
async def voice_preview(request: HttpRequest, model_slug: str, voice_slug: str) -> HttpResponseBase:
    """Answer with a sentence in a voice; with words where there is none."""
    listener = services.listener_of(cast(User, await request.auser()), "preview")
    voice = await Voice.objects.by_slugs(model_slug, voice_slug).afirst()
    if voice is None:
        return JsonResponse({"message": "There is no such voice any more."}, status=404)
    try:
        variant = await previews.preview(
            voice, listener=listener, sound=request.GET.get("sound", "")
        )
        response = await sync_to_async(sound_response)(request, variant)
    except previews.NoPreview as none:
        return JsonResponse({"message": none.message}, status=none.status)
    except SoundGone:
        await sync_to_async(synthesis.sound_is_gone)(variant)
        return JsonResponse({"message": "Its sound is gone. Try again."}, status=502)
    # The address names a voice, not one attempt's sound: the voice may be another one tomorrow.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@login_not_required
@require_safe
def audio(request: HttpRequest, variant_id: uuid.UUID, revision: int) -> HttpResponseBase:
    """Answer with one attempt's sound, live or stored."""
    variant = _hearable(request, variant_id, revision)
    try:
        return sound_response(request, variant)
    except SoundGone:
        synthesis.sound_is_gone(variant)
        raise Http404 from None


@login_not_required
@require_safe
def marks(request: HttpRequest, variant_id: uuid.UUID, revision: int) -> HttpResponseBase:
    """Answer with the word times of a stored sound."""
    variant = _hearable(request, variant_id, revision)
    if not variant.marks:
        raise Http404
    response = JsonResponse({"marks": variant.marks})
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _hearable(request: HttpRequest, variant_id: uuid.UUID, revision: int) -> AudioVariant:
    """Return the variant if this person may see a block of its text, or raise 404."""
    seen = Block.objects.filter(text_hash=OuterRef("text_hash"), document__in=_visible(request))
    sounding = AudioVariant.objects.filter(
        Exists(seen), sound_revision=revision, status__in=[Status.PROCESSING, Status.CACHED]
    )
    return get_object_or_404(sounding.defer("text"), pk=variant_id)


def _visible(request: HttpRequest) -> DocumentQuerySet:
    """Return the documents this person may see; nobody sees none.

    A page sends nobody to the sign-in page, whether or not there is such a document. What only a
    page fetches (sounds, marks, blocks) answers nobody with 404: a redirect is of no use to it.
    """
    if not request.user.is_authenticated:
        return Document.objects.none()
    return Document.objects.visible_to(_person(request))


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)
