"""How the sounds of a document's blocks stand, in each voice that staff look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.db import models
from django.db.models import Case, Count, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.http import urlencode

from tts import synthesis
from tts.admin import player
from tts.models import AudioVariant, Status, Voice

from ..models import Block, Document

MAX_VOICES = 6

NONE, SKIPPED = "none", "skipped"
# How a block's sound stands in a voice, in the words of the page.
WORDS = {
    Status.CACHED.value: "made",
    Status.QUEUED.value: "queued",
    Status.PROCESSING.value: "processing",
    Status.ERROR.value: "failed",
    NONE: "none",
}


class SoundsForm(forms.Form):
    """Which voices to look at, and which states of their sounds."""

    voice = forms.ModelMultipleChoiceField(
        Voice.objects.none(),
        label=f"Voices (up to {MAX_VOICES})",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    state = forms.ChoiceField(label="Sounds", required=False, choices=[("", "all"), *WORDS.items()])

    def __init__(self, document: Document, data: Any) -> None:
        super().__init__(data)
        self.document = document
        voices = Voice.objects.select_related("speech_model").order_by(
            "speech_model__name", "language", "name"
        )
        self.fields["voice"].queryset = voices  # type: ignore[attr-defined]
        self.full_clean()
        chosen = self.cleaned_data.get("voice") or self._with_sounds(voices)
        self.voices: list[Voice] = list(chosen[:MAX_VOICES])
        self.only: str = self.cleaned_data.get("state", "")
        # The fields show what is looked at, chosen or not.
        self.data = {"voice": [voice.pk for voice in self.voices], "state": self.only}

    def _with_sounds(self, voices: QuerySet[Voice]) -> QuerySet[Voice]:
        sounds = AudioVariant.objects.filter(text_hash__in=self.document.blocks.values("text_hash"))
        return voices.filter(pk__in=sounds.values("voice"))

    @property
    def query(self) -> str:
        """The choice as it goes into the links to other pages."""
        return urlencode(self.data, doseq=True)


@dataclass(frozen=True, slots=True)
class Column:
    """One voice of the table. The recipe is that of today: older sounds are not found any more."""

    voice: Voice
    recipe: str

    @classmethod
    def of(cls, voice: Voice) -> Column:
        try:
            return cls(voice, synthesis.recipe_hash(voice))
        except LookupError:  # its engine is not in the settings any more
            return cls(voice, "")

    @property
    def state(self) -> Case:
        sound = AudioVariant.objects.filter(
            recipe_hash=self.recipe, text_hash=OuterRef("text_hash")
        )
        return Case(
            When(text_hash="", then=Value(SKIPPED)),
            default=Coalesce(Subquery(sound.values("status")[:1]), Value(NONE)),
            output_field=models.CharField(),
        )

    def totals(self, document: Document) -> list[tuple[str, int]]:
        """Return how many blocks of the document stand how."""
        states = document.blocks.order_by().annotate(sound=self.state).values_list("sound")
        found = dict(states.annotate(count=Count("pk")))
        return [(word, found[state]) for state, word in WORDS.items() if state in found]

    def variants(self, blocks: Sequence[Block]) -> dict[str, AudioVariant]:
        hashes = {block.text_hash for block in blocks}
        found = AudioVariant.objects.in_recipe(self.recipe, hashes).defer("text", "marks")
        return {variant.text_hash: variant for variant in found}


@dataclass(frozen=True, slots=True)
class Cell:
    """A block's sound in one voice."""

    state: str  # in words
    variant: AudioVariant | None
    player: str


def any_stands(blocks: QuerySet[Block], columns: Sequence[Column], state: str) -> QuerySet[Block]:
    """Keep the blocks whose sound stands so in one of the voices."""
    for column in columns:
        blocks = blocks.alias(**{f"sound_{column.voice.pk}": column.state})
    matching = (models.Q((f"sound_{column.voice.pk}", state)) for column in columns)
    return blocks.filter(reduce(or_, matching, models.Q(pk=None)))


def rows(
    blocks: Sequence[Block], columns: Sequence[Column], *, may_listen: bool
) -> list[tuple[Block, list[Cell]]]:
    variants = [column.variants(blocks) for column in columns]
    return [
        (block, [_cell(block, found.get(block.text_hash), may_listen) for found in variants])
        for block in blocks
    ]


def _cell(block: Block, variant: AudioVariant | None, may_listen: bool) -> Cell:
    if block.is_skipped:
        return Cell(SKIPPED, None, "")
    if variant is None:
        return Cell(WORDS[NONE], None, "")
    return Cell(WORDS[variant.status], variant, player(variant) if may_listen else "")
