"""What a listener wants to hear of a document, and how it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from tts import synthesis
from tts.delivery.events import VariantChanged, describe
from tts.demand import breaker, wants
from tts.models import SpeechModel, Status

from ..listening import ListeningVoice
from ..models import Block, Document, Preparation, User

Ranges = list[tuple[int, int]]


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


@dataclass(slots=True)
class StandingBlocks:
    """How wanted blocks stand, each with its index; None: it has nothing to say."""

    of_blocks: list[tuple[int, VariantChanged | None]]
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
        blocks = Block.objects.saying(document, hashes)
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


def want_blocks(
    *,
    document: Document,
    listener: str,
    voice: ListeningVoice,
    indices: Sequence[int],
    retry: bool = False,
) -> StandingBlocks | None:
    """Make these blocks all that the listener wants, in any voice; return how each one stands.

    None if the document has no such block.
    """
    indices = list(dict.fromkeys(indices))
    found = Block.objects.filter(document=document, idx__in=indices)
    hashes = {
        idx: (text_hash, language)
        for idx, text_hash, language in found.values_list("idx", "text_hash", "language")
    }
    if len(hashes) != len(indices):
        return None
    others = SpeechModel.objects.exclude(pk=voice.voice.speech_model_id)
    for pk in others.values_list("pk", flat=True):
        wants.forget(pk, listener)
    ranks: dict[str, int] = {}
    for idx in indices:
        if text_hash := hashes[idx][0]:
            ranks.setdefault(text_hash, len(ranks))
    standing = want_texts(
        document=document, listener=listener, voice=voice, ranks=ranks, retry=retry
    )
    by_key = {state["key"]: state for state in standing.states}
    of_blocks: list[tuple[int, VariantChanged | None]] = []
    for idx in indices:
        text_hash, language = hashes[idx]
        key = voice.for_text(text_hash, language).key(text_hash)
        if not text_hash or key in by_key:
            of_blocks.append((idx, by_key.get(key)))
    return StandingBlocks(of_blocks, standing.reason)


def _by_voice(
    document: Document, voice: ListeningVoice, ranks: Mapping[str, int]
) -> dict[ListeningVoice, dict[str, int]]:
    """Share texts out to the voices that they are read in. One without any wants nothing more."""
    languages: dict[str, str] = {}
    if voice.stand_ins:
        blocks = Block.objects.saying(document, ranks)
        languages = dict(blocks.values_list("text_hash", "language"))
    parts: dict[ListeningVoice, dict[str, int]] = {
        part: {}
        for part in (voice, *voice.stand_ins.values())  # each of them once
    }
    for text_hash, rank in ranks.items():
        parts[voice.for_text(text_hash, languages.get(text_hash, ""))][text_hash] = rank
    return parts


def _name_in(listener: str, voice: ListeningVoice, part: ListeningVoice) -> str:
    """Return under which name a listener wants what is read in one of its voices."""
    return listener if part is voice else f"{listener}+{part.voice.pk}"


def _tell_outage(voice: ListeningVoice, states: Sequence[VariantChanged]) -> None:
    """Say what texts wait for that were not tried, though it was another text that met with it."""
    waiting = [state for state in states if state["status"] == Status.QUEUED and not state["error"]]
    if not waiting:
        return
    # One of a moment ago is told at the next look.
    known = breaker.outages(voice.voice.speech_model, as_believed=True)
    if outage := known.get(breaker.MODEL):
        for state in waiting:
            state["error"] = outage.message


def want_nothing(*, listener: str, voice: ListeningVoice) -> None:
    """End all that the listener wants in this voice, and in those that stand in for it."""
    for part in (voice, *voice.stand_ins.values()):
        wants.forget(part.voice.speech_model_id, _name_in(listener, voice, part))


def cached_ranges(*, user: User, document: Document, voice: ListeningVoice) -> Ranges:
    """Return which blocks have their sound in this voice, as ranges, both ends included.

    A text that somebody else has too is not among them until it is asked for: that its sound is
    made already would tell of the other's document. A whole document that was prepared was asked.
    """
    return cached_ranges_of([(user, document, voice)])[0]


def cached_ranges_of(asked: Sequence[tuple[User, Document, ListeningVoice]]) -> list[Ranges]:
    """Return the same for many: by one query for each voice, not for each document."""
    preparations = Preparation.objects.filter(document__in={each.pk for _, each, _ in asked})
    prepared = set(preparations.values_list("document", "user", "voice"))
    alike: dict[object, list[tuple[User, Document, ListeningVoice]]] = defaultdict(list)
    for user, document, voice in asked:
        alike[_likeness(document, voice)].append((user, document, voice))
    indices: dict[tuple[object, int], list[int]] = defaultdict(list)
    for likeness, those in alike.items():
        documents = {document.pk for _, document, _ in those}
        whole = {
            document.pk
            for user, document, voice in those
            if (document.pk, user.pk, voice.voice.pk) in prepared
        }
        ready = _ready_blocks(documents, whole, those[0][2])
        for pk, idx in ready.order_by("document", "idx").values_list("document", "idx"):
            indices[likeness, pk].append(idx)
    return [
        _ranges(indices[_likeness(document, voice), document.pk]) for _, document, voice in asked
    ]


def _likeness(document: Document, voice: ListeningVoice) -> object:
    """Return what is the same for voices whose sounds are found by one condition."""
    own = document.pk if voice.unread is not None else None
    return own, tuple(sorted(voice.recipes.items()))


def _ready_blocks(documents: set[int], whole: set[int], voice: ListeningVoice) -> QuerySet[Block]:
    """Return the blocks that have their sound; of documents that are not ``whole``, those that
    nobody but the owner has. Only owners see a document."""
    ready = Block.objects.filter(document__in=documents).exclude(text_hash="")
    others = Block.objects.filter(text_hash=OuterRef("text_hash")).exclude(
        document__owner=OuterRef("document__owner")
    )
    return ready.filter(voice.having(status=Status.CACHED)).filter(
        Q(document__in=whole) | ~Exists(others)
    )


def _ranges(indices: Iterable[int]) -> Ranges:
    ranges: Ranges = []
    for idx in indices:
        if ranges and ranges[-1][1] == idx - 1:
            ranges[-1] = (ranges[-1][0], idx)
        else:
            ranges.append((idx, idx))
    return ranges
