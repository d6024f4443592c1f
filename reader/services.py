"""What a person asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import structlog
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils import timezone

from tts import breaker, synthesis, wants
from tts.events import VariantChanged, describe
from tts.models import Status, Voice

from . import events, preparing, tasks
from .deleting import delete_document as delete_document  # below, where tasks reach it too
from .extraction import FORMATS
from .extraction.decoding import clean
from .extraction.sanitise import shown_text
from .listening import ListeningVoice, base_of, speaks, spoken_blocks
from .models import (
    Block,
    Document,
    DocumentPreferences,
    LanguageVoice,
    Position,
    Preparation,
    User,
)
from .spoken import RULES
from .tasks import import_document

log = structlog.get_logger(__name__)
STOPPED = "You stopped this before anything of it was there."


# --- documents ----------------------------------------------------------------------------------


def add_document(
    *,
    owner: User,
    title: str = "",
    text: str = "",
    upload: File[Any] | None = None,
    kind: str = "text",
    address: str = "",
) -> Document:
    """Keep what a person brought in, and have it imported; a web page is fetched then."""
    document = Document(owner=owner, title=title.strip()[:300], kind=kind, address=address)
    document.source_hash = _hash_source(text=text, upload=upload, address=address)
    name = f"{document.uuid.hex}{FORMATS[kind].extensions[0]}"
    if upload is not None:
        document.source_name = (upload.name or "")[-255:]
        document.source.save(name, upload, save=False)
    elif not address:
        document.source.save(name, ContentFile(text.encode("utf-8", "replace")), save=False)
    try:
        with transaction.atomic():
            document.save()
    except BaseException:
        if document.source:
            document.source.delete(save=False)
        raise
    # Robust: with Redis away the document is kept all the same, and resume_imports sends it again.
    transaction.on_commit(lambda: import_document.delay(document.pk), robust=True)
    log.info("document.added", document=str(document.uuid), user=owner.pk)
    return document


def same_source(
    *, owner: User, text: str = "", upload: File[Any] | None = None, address: str = ""
) -> Document | None:
    """Return the document that the person made of the same text, file or address before."""
    hashed = _hash_source(text=text, upload=upload, address=address)
    known = Document.objects.visible_to(owner).filter(source_hash=hashed)
    return known.exclude(status=Document.Status.FAILED).first()


def _hash_source(*, text: str, upload: File[Any] | None, address: str) -> str:
    """Return what tells a source from any other of its kind."""
    hashed = hashlib.blake2b(digest_size=20)
    if upload is not None:
        upload.seek(0)
        for piece in upload.chunks():
            hashed.update(piece)
        upload.seek(0)
    elif address:
        hashed.update(f"address {_page_at(address)}".encode())
    else:  # line ends and what surrounds a text differ by how it was copied
        hashed.update(f"text {clean(text).strip()}".encode("utf-8", "replace"))
    return hashed.hexdigest()


def _page_at(address: str) -> str:
    """Return an address as it is asked for: without a place in the page, the host in one case."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


def stop_import(*, document: Document) -> None:
    """End an import; what has come stays, and is the document."""
    importing = Document.objects.importing().filter(pk=document.pk)
    has_words = document.blocks.exclude(text="").exists()
    if has_words:
        stopped = importing.update(status=Document.Status.READY, changed_at=timezone.now())
    else:
        stopped = importing.update(
            status=Document.Status.FAILED, error=STOPPED, changed_at=timezone.now()
        )
    if stopped:
        log.info("import.cancelled", document=str(document.uuid))
        events.document_changed(document.owner_id, document.uuid)
        events.job_progress(
            document.owner_id,
            document.uuid,
            job="import",
            done=document.parts_done,
            total=document.part_count,
            status="done" if has_words else "error",
            error="" if has_words else STOPPED,
        )


def start_preparation(*, document: Document, user: User, voice: Voice, sound: str) -> None:
    """Have the whole document made in a voice, ahead of its time; instead of in another one."""
    Preparation.objects.update_or_create(
        document=document,
        defaults={
            "user": user,
            "voice": voice,
            "sound": synthesis.audio_format(sound).name,
            "status": Preparation.Status.RUNNING,
            "done": 0,
            "failed": 0,
            "total": document.blocks.exclude(text_hash="").count(),
            "error": "",
            "lease_until": None,
        },
    )
    transaction.on_commit(
        lambda: tasks.prepare_document.apply_async((document.pk,), queue=tasks.PREPARATION),
        robust=True,  # with Redis away it is begun later
    )
    log.info("preparation.begun", document=str(document.uuid), voice=voice.voice_slug)


def stop_preparation(*, document: Document) -> None:
    """End a preparation; what was made stays."""
    running = Preparation.objects.filter(document=document, status=Preparation.Status.RUNNING)
    if running.update(status=Preparation.Status.STOPPED, lease_until=None):
        log.info("preparation.stopped", document=str(document.uuid))
        preparing.tell(Preparation.objects.select_related("document").get(document=document))
        events.document_changed(document.owner_id, document.uuid)


def rename_document(*, document: Document, title: str, author: str) -> None:
    """Give a document another title and author; an import that goes on respects them."""
    Document.objects.filter(pk=document.pk).update(title=title, author=author)
    log.info("document.renamed", document=str(document.uuid))


@transaction.atomic
def discard_document(*, document: Document) -> None:
    """Take a document away from everyone at once; for good it is deleted some minutes later.

    Its import and its preparation stop, and open pages are closed.
    """
    user_id, uuid = document.owner_id, document.uuid
    present = Document.objects.present().filter(pk=document.pk)
    if present.update(deleted_at=timezone.now()):
        transaction.on_commit(lambda: events.document_changed(user_id, uuid), robust=True)
        log.info("document.discarded", document=str(uuid), user=user_id)


@transaction.atomic
def restore_document(*, document: Document) -> bool:
    """Take a deletion back; False when it is too late. What it stopped of work goes on."""
    pk = document.pk
    if not Document.objects.discarded().filter(pk=pk).update(deleted_at=None):
        return Document.objects.present().filter(pk=pk).exists()
    log.info("document.restored", document=str(document.uuid), user=document.owner_id)
    # A worker that has not noticed the deletion goes on, one that has has given the import back.
    if Document.objects.importing().filter(pk=pk).exists():
        transaction.on_commit(lambda: import_document.delay(pk), robust=True)
    running = Preparation.objects.filter(document=document, status=Preparation.Status.RUNNING)
    if running.update(lease_until=None):
        transaction.on_commit(
            lambda: tasks.prepare_document.apply_async((pk,), queue=tasks.PREPARATION), robust=True
        )
    return True


# --- what is spoken -----------------------------------------------------------------------------


def speak_again(documents: Sequence[Document]) -> None:
    """Have the rules of these documents, or what else decides their speech, applied anew."""
    ids = [document.pk for document in documents]
    transaction.on_commit(lambda: tasks.speak_again.delay(ids), robust=True)


def speak_all_again(user: User) -> None:
    """The person's lexicon changed: their documents follow, also those that may be restored."""
    speak_again(list(Document.objects.filter(owner=user, status=Document.Status.READY)))


def left_out(block: Block) -> list[tuple[str, str]]:
    """Return what rules leave out of a block: the passage, and the rule in words."""
    words = {rule.name: rule.words for rule in RULES}
    shown = shown_text(block.html)
    if block.silence and not block.unspoken:
        return [(shown, words.get(block.silence, block.silence))]
    units = shown.encode("utf-16-le", "surrogatepass")
    return [
        (units[2 * start : 2 * end].decode("utf-16-le", "replace"), words.get(rule, rule))
        for start, end, rule in block.unspoken
    ]


def save_position(*, user: User, document: Document, block_idx: int, offset_ms: int) -> None:
    """Keep where the person is."""
    Position.objects.update_or_create(
        user=user,
        document=document,
        defaults={"block_idx": block_idx, "offset_ms": offset_ms},
    )


def folded_chapters(*, user: User, document: Document) -> list[int]:
    """Return the first blocks of the chapters that this person skips."""
    chosen = DocumentPreferences.objects.filter(user=user, document=document).first()
    return chosen.folded if chosen else []


def fold_chapters(*, user: User, document: Document, folded: Sequence[int]) -> None:
    """Keep which chapters this person skips."""
    DocumentPreferences.objects.update_or_create(
        user=user, document=document, defaults={"folded": sorted(set(folded))}
    )


# --- voices -------------------------------------------------------------------------------------


def voice_of(user: User, document: Document | None = None) -> Voice | None:
    """Return the voice this person hears at first.

    The one chosen for the document, else for its language, else the usual one, else the
    installation's. One that cannot be used any more counts as not chosen.
    """
    chosen: list[int | None] = []
    if document:
        of_document = DocumentPreferences.objects.filter(user=user, document=document)
        chosen += of_document.values_list("voice", flat=True)
        language = base_of(document.language)[:8]  # none is chosen for no language
        of_language = LanguageVoice.objects.filter(user=user, language=language)
        chosen += of_language.values_list("voice", flat=True)
    chosen.append(user.voice_id)
    usable = Voice.objects.usable()
    found = usable.in_bulk([pk for pk in chosen if pk])
    own = next((found[pk] for pk in chosen if pk in found), None)
    model_slug, _, voice_slug = settings.DEFAULT_VOICE.partition("/")
    return own or usable.by_slugs(model_slug, voice_slug).first() or usable.first()


@transaction.atomic
def choose_voice(*, user: User, document: Document, voice: Voice) -> None:
    """Keep a voice that was chosen on a document's page, for whatever else it is meant too.

    It holds for the document. If it speaks the document's language, it holds for all documents of
    that language; and it becomes the usual one if there is none, or if the usual one is of that
    language as well: so who reads in two languages by turns never loses the one for the other. A
    voice that does not speak the document's language was meant for this document alone.
    """
    DocumentPreferences.objects.update_or_create(
        user=user, document=document, defaults={"voice": voice}
    )
    language = base_of(document.language)[:8]
    if language and not speaks(voice, language):
        return
    if language:
        LanguageVoice.objects.update_or_create(
            user=user, language=language, defaults={"voice": voice}
        )
    usual = Voice.objects.usable().filter(pk=user.voice_id).first() if user.voice_id else None
    if not language or usual is None or speaks(usual, language):
        User.objects.filter(pk=user.pk).update(voice=voice)


def choose_speed(*, user: User, document: Document, speed: float) -> None:
    """Keep a speed that was chosen on a document's page: for it, and as the usual one."""
    DocumentPreferences.objects.update_or_create(
        user=user, document=document, defaults={"speed": speed}
    )
    User.objects.filter(pk=user.pk).update(speed=speed)


def speed_of(user: User, document: Document) -> float:
    """Return how fast this person listens to a document."""
    chosen = DocumentPreferences.objects.filter(user=user, document=document)
    own = chosen.values_list("speed", flat=True).first()
    return user.speed if own is None else own


def usual_voice_changed(user: User) -> None:
    """The usual voice was chosen anew: it holds for its language, whatever was chosen before."""
    if user.voice:
        language = base_of(user.voice.language)
        LanguageVoice.objects.filter(user=user, language=language).delete()


# --- listening ----------------------------------------------------------------------------------


def text_hashes(*, document: Document, first: int, last: int) -> dict[int, tuple[str, str]]:
    """Return the text hash and the language of each of these blocks; no hash: it is skipped.

    None at all when the blocks were made anew since the document was read.
    """
    blocks = Block.objects.filter(
        document=document, document__revision=document.revision, idx__gte=first, idx__lte=last
    )
    return {
        idx: (text_hash, language)
        for idx, text_hash, language in blocks.values_list("idx", "text_hash", "language")
    }


@dataclass(slots=True)
class Standing:
    """How wanted texts stand, and which a limit of use forbids to make, with the reason."""

    states: list[VariantChanged]
    refused: list[str]  # variant keys
    reason: str


def listener_of(user: User, session_id: str) -> str:
    """Return a session's name among listeners: what stands before the dot pays."""
    return f"{user.pk}.{session_id}"


def want_texts(
    *,
    document: Document,
    listener: str,
    voice: ListeningVoice,
    ranks: Mapping[str, int],
    retry: bool = False,
) -> Standing:
    """Make these texts, text hash → rank, all the listener wants; return how each one stands."""

    def texts(hashes: Sequence[str]) -> dict[str, tuple[str, str]]:
        blocks = Block.objects.filter(document=document, text_hash__in=hashes)
        return {block.text_hash: (block.text, block.language) for block in blocks}

    standing = Standing([], [], "")
    for part, its_ranks in _by_voice(document, voice, ranks).items():
        wanted = synthesis.want(
            listener=_name_in(listener, voice, part),
            voice=part.voice,
            recipe=part.recipe,
            ranks=its_ranks,
            texts=texts,
            sound=part.sound,
            retry=retry,
        )
        states = [describe(variant) for variant in wanted.variants.values()]
        _tell_outage(part, states)
        standing.states.extend(states)
        standing.refused.extend(part.key(text_hash) for text_hash in wanted.refused)
        standing.reason = wanted.reason or standing.reason
    return standing


def _by_voice(
    document: Document, voice: ListeningVoice, ranks: Mapping[str, int]
) -> dict[ListeningVoice, dict[str, int]]:
    """Share texts out to the voices that they are read in. One without any wants nothing more."""
    languages: dict[str, str] = {}
    if voice.stand_ins:
        blocks = Block.objects.filter(document=document, text_hash__in=ranks)
        languages = dict(blocks.values_list("text_hash", "language"))
    parts: dict[ListeningVoice, dict[str, int]] = {
        part: {}
        for part in (voice, *voice.stand_ins.values())  # each of them once
    }
    for text_hash, rank in ranks.items():
        parts[voice.for_language(languages.get(text_hash, ""))][text_hash] = rank
    return parts


def _name_in(listener: str, voice: ListeningVoice, part: ListeningVoice) -> str:
    """Return under which name a listener wants what is read in one of its voices."""
    return listener if part is voice else f"{listener}+{part.voice.pk}"


def _tell_outage(voice: ListeningVoice, states: Sequence[VariantChanged]) -> None:
    """Say what texts wait for that were not tried, though it was another text that met with it."""
    waiting = [state for state in states if state["status"] == Status.QUEUED and not state["error"]]
    if waiting and (outage := breaker.outages(voice.voice.speech_model).get(breaker.MODEL)):
        for state in waiting:
            state["error"] = outage.message


def want_nothing(*, listener: str, voice: ListeningVoice) -> None:
    """End all that the listener wants in this voice, and in those that stand in for it."""
    for part in (voice, *voice.stand_ins.values()):
        wants.forget(part.voice.speech_model_id, _name_in(listener, voice, part))


def cached_ranges(*, document: Document, voice: ListeningVoice) -> list[tuple[int, int]]:
    """Return which blocks have their sound in this voice, as ranges, both ends included."""
    ready = spoken_blocks(document).filter(voice.having(status=Status.CACHED))
    indices = ready.order_by("idx").values_list("idx", flat=True)
    ranges: list[tuple[int, int]] = []
    for idx in indices:
        if ranges and ranges[-1][1] == idx - 1:
            ranges[-1] = (ranges[-1][0], idx)
        else:
            ranges.append((idx, idx))
    return ranges
