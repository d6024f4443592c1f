"""The voice that a document is listened to in, and the ones that stand in for it: a passage in
another language is read in a voice of that language, if the listener likes it so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.db.models import Exists, OuterRef, Q, QuerySet

from tts import synthesis
from tts.models import AudioVariant, Voice, variant_key

from .models import Block, Document, User

LANGUAGE = re.compile(r"[a-z]{2,8}")
NONE: Mapping[str, ListeningVoice] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class ListeningVoice:
    """A session's voice, with all that its messages and wants need of it."""

    voice: Voice
    recipe: str
    sound: str  # the name of the format that the page can play
    # By the language of blocks, as they have it: what these are read in instead.
    stand_ins: Mapping[str, ListeningVoice] = field(default_factory=lambda: NONE)

    @classmethod
    def of(
        cls,
        voice: Voice,
        sound: str = "",
        *,
        document: Document | None = None,
        listener: User | None = None,
    ) -> ListeningVoice:
        """Return a voice for a document and who listens to it; both or neither are given."""
        stand_ins: dict[str, ListeningVoice] = {}
        if document and listener and listener.own_voices:
            others: dict[int, ListeningVoice] = {}  # each voice once, for several languages
            for language in _languages(document):
                if other := _stand_in(voice, language):
                    stand_ins[language] = others.setdefault(other.pk, cls.of(other, sound))
        recipe = synthesis.recipe_hash(voice, sound)
        return cls(voice, recipe, sound, MappingProxyType(stand_ins))

    @property
    def model_slug(self) -> str:
        return self.voice.speech_model.model_slug

    @property
    def voice_slug(self) -> str:
        return self.voice.voice_slug

    @property
    def recipes(self) -> dict[str, str]:
        """Everything that decides the sound of a block, by its language."""
        return {"": self.recipe, **{tag: other.recipe for tag, other in self.stand_ins.items()}}

    def for_language(self, language: str) -> ListeningVoice:
        """Return what a block of this language is read in."""
        return self.stand_ins.get(language, self)

    def key(self, text_hash: str) -> str:
        return variant_key(text_hash, self.recipe)

    def having(self, **variant: object) -> Q:
        """Return the condition that a block has a sound in its voice that is like this."""

        def sound(recipe: str) -> Q:
            found = AudioVariant.objects.filter(
                recipe_hash=recipe, text_hash=OuterRef("text_hash"), **variant
            )
            return Q(Exists(found))

        has = sound(self.recipe)
        if self.stand_ins:
            has &= ~Q(language__in=list(self.stand_ins))
        for language, other in self.stand_ins.items():
            has |= Q(language=language) & sound(other.recipe)
        return has


def base_of(language: str) -> str:
    """Return the language of a BCP 47 tag, without script, region and the like; "" of no tag."""
    base = language.lower().partition("-")[0]
    return base if LANGUAGE.fullmatch(base) else ""


def speaks(voice: Voice, language: str) -> bool:
    """Whether a voice is of a language, or of none in particular."""
    return base_of(voice.language) in ("", "mul", "und", base_of(language))


def spoken_blocks(document: Document) -> QuerySet[Block]:
    return Block.objects.filter(document=document).exclude(text_hash="")


def _languages(document: Document) -> list[str]:
    tags = spoken_blocks(document).exclude(language="").order_by()
    return list(tags.values_list("language", flat=True).distinct())


def _stand_in(voice: Voice, language: str) -> Voice | None:
    """Return a voice of another language: of the same model if it has one, the best known first."""
    base = base_of(language)
    if base == base_of(voice.language):
        return None
    of_language = Voice.objects.usable().filter(
        Q(language__iexact=base) | Q(language__istartswith=f"{base}-")
    )
    near = of_language.filter(speech_model=voice.speech_model)
    for voices in (near, of_language):
        exact = voices.filter(language__iexact=language)
        if found := exact.order_by("-featured", "pk").first():
            return found
        if found := voices.order_by("-featured", "pk").first():
            return found
    return None
