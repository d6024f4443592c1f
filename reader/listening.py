"""The voice that a document is listened to in, and the ones that stand in for it.

A passage in a language that the voice cannot speak is read in a voice of that language; one in any
other language, if the listener likes it so. What a narrator did not read of a book, either.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from django.db.models import Exists, OuterRef, Q, QuerySet

from tts import engines, synthesis
from tts.models import AudioVariant, SpeechModel, Voice, hashes_of, variant_key
from tts.voices.nature import nature_of

from .models import Block, Document, LanguageVoice, User

LANGUAGE = re.compile(r"[a-z]{2,8}")
# One language, called otherwise by voices.
SAME_LANGUAGE = {"zh": ("cmn",), "cmn": ("zh",), "no": ("nb",), "nb": ("no",), "iw": ("he",)}
VoicesByLanguage = Mapping[int, Mapping[str, int]]  # person → language → what they chose for it
NONE: Mapping[str, ListeningVoice] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class ListeningVoice:
    """A session's voice, with all that its messages and wants need of it."""

    voice: Voice
    recipe: str
    sound: str  # the name of the format that the page can play
    # By the language of blocks, as they have it: what these are read in instead.
    stand_ins: Mapping[str, ListeningVoice] = field(default_factory=lambda: NONE)
    # The texts (hashes) that a narrator did not read; None: the voice speaks any.
    unread: Set[str] | None = None

    @classmethod
    def of(
        cls,
        voice: Voice,
        sound: str = "",
        *,
        document: Document | None = None,
        listener: User | None = None,
        languages: Iterable[str] | None = None,
    ) -> ListeningVoice:
        """Return a voice for a document and who listens to it; both or neither are given.

        ``languages``: those of the document's blocks, where they are known.
        """
        stand_ins: dict[str, ListeningVoice] = {}
        recipe = synthesis.recipe_hash(voice, sound)
        if document and listener and voice.reserved_for:
            return cls._narrator(voice, recipe, sound, document, listener)
        if document and listener:
            others: dict[int, ListeningVoice] = {}  # each voice once, for several languages
            if languages is None:
                languages = languages_of([document.pk]).get(document.pk, ())
            foreign = [
                language
                for language in languages
                if listener.own_voices or not can_speak(voice, language)
            ]
            choice = Choice.of(listener) if foreign else None
            for language in foreign:
                if choice and (other := _stand_in(voice, language, choice)):
                    stand_ins[language] = others.setdefault(other.pk, cls.of(other, sound))
        return cls(voice, recipe, sound, MappingProxyType(stand_ins))

    @classmethod
    def _narrator(
        cls, voice: Voice, recipe: str, sound: str, document: Document, listener: User
    ) -> ListeningVoice:
        """Return the narrator of a document: others read what they did not."""
        blocks = spoken_blocks(document).exclude(Block.objects.is_narrated()).order_by()
        unread = dict(blocks.values_list("text_hash", "language"))
        others: dict[int, ListeningVoice] = {}
        stand_ins: dict[str, ListeningVoice] = {}
        for language in set(unread.values()):
            if other := usual_voice(listener, language or document.language):
                stand_ins[language] = others.setdefault(other.pk, cls.of(other, sound))
        return cls(voice, recipe, sound, MappingProxyType(stand_ins), frozenset(unread))

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

    def for_text(self, text_hash: str, language: str) -> ListeningVoice:
        """Return what a text of this language is read in."""
        if self.unread is not None and text_hash not in self.unread:
            return self
        return self.stand_ins.get(language, self)

    def speaker_of(self, key: str) -> ListeningVoice:
        """Return which of its voices a variant's key is of."""
        _, recipe = hashes_of(key)
        voices = (voice for voice in self.stand_ins.values() if voice.recipe == recipe)
        return next(voices, self)

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
            has &= ~self.stood_in_for(self.stand_ins)
        for language, other in self.stand_ins.items():
            has |= self.stood_in_for([language]) & sound(other.recipe)
        return has

    def stood_in_for(self, languages: Iterable[str]) -> Q:
        """Return the condition that a block of these languages is read by a stand-in for it."""
        of_them = Q(language__in=list(languages))
        return of_them if self.unread is None else of_them & ~Block.objects.is_narrated()


def base_of(language: str) -> str:
    """Return the language of a BCP 47 tag, without script, region and the like; "" of no tag."""
    base = language.lower().partition("-")[0]
    return base if LANGUAGE.fullmatch(base) else ""


def speaks(voice: Voice, language: str) -> bool:
    """Whether a voice is of a language, or of none in particular."""
    return base_of(voice.language) in ("", "mul", "und", base_of(language))


def spoken_blocks(document: Document) -> QuerySet[Block]:
    return Block.objects.filter(document=document).exclude(text_hash="")


def languages_of(documents: Collection[int]) -> dict[int, list[str]]:
    """Return the languages of the blocks of each document, by their numbers."""
    blocks = Block.objects.filter(document__in=documents).exclude(text_hash="")
    tags = blocks.exclude(language="").order_by().values_list("document", "language").distinct()
    found: dict[int, list[str]] = {}
    for pk, language in tags:
        found.setdefault(pk, []).append(language)
    return found


def can_speak(voice: Voice, language: str) -> bool:
    """Whether a voice's engine can be given a text in this language."""
    return engines.can_speak(voice.speech_model.engine, voice.language, language)


@dataclass(frozen=True, slots=True)
class Choice:
    """The voices that there are, and what a person chose: looked up once for all languages."""

    voices: Sequence[Voice]
    chosen: Mapping[str, int]  # by language

    @classmethod
    def of(cls, listener: User) -> Choice:
        chosen = LanguageVoice.objects.filter(user=listener).values_list("language", "voice")
        return cls(list(Voice.objects.usable()), dict(chosen))

    def best(self, language: str, *, near: SpeechModel | None = None) -> Voice | None:
        """Return the voice in which they hear a language: the one that they chose for it, else the
        best that there is, of the same speech model rather than of another one."""
        own_pk = self.chosen.get(base_of(language)[:8])
        own = next((voice for voice in self.voices if voice.pk == own_pk), None)
        if own and can_speak(own, language):
            return own
        names = {base_of(language), *SAME_LANGUAGE.get(base_of(language), ())}
        return min(
            (voice for voice in self.voices if voice.language.lower().partition("-")[0] in names),
            key=lambda voice: (
                near is None or voice.speech_model_id != near.pk,
                nature_of(voice.speech_model.engine).rank,
                voice.language.lower() != language.lower(),
                not voice.featured,
                voice.pk,
            ),
            default=None,
        )


def chosen_voices(people: Collection[int]) -> VoicesByLanguage:
    """Return which voice each of these people chose for a language, by their numbers."""
    rows = LanguageVoice.objects.filter(user__in=people)
    chosen: dict[int, dict[str, int]] = {}
    for user, language, voice in rows.values_list("user", "language", "voice"):
        chosen.setdefault(user, {})[language] = voice
    return chosen


def usual_voice(listener: User, language: str) -> Voice | None:
    """Return the voice in which a person hears a language, or what is in none that is known."""
    return usual_voices([(listener, language)])[0]


def usual_voices(
    asked: Sequence[tuple[User, str]], by_language: VoicesByLanguage | None = None
) -> list[Voice | None]:
    """Return the voice in which each of these people hears a language.

    The one chosen for the language, else the usual one, else the installation's. One that cannot be
    used any more or cannot speak the language counts as not chosen.
    """
    if by_language is None:
        by_language = chosen_voices({listener.pk for listener, _ in asked})
    chosen = [
        (by_language.get(listener.pk, {}).get(base_of(language)[:8]), listener.voice_id)
        for listener, language in asked
    ]
    usable = Voice.objects.usable()
    found = usable.in_bulk({pk for pks in chosen for pk in pks if pk})
    installations = cache(lambda: usable.default() or usable.first())

    def voice_for(listener: User, language: str, pks: Iterable[int | None]) -> Voice | None:
        usual = [found[pk] for pk in pks if pk in found]
        for voice in usual:
            if not language or can_speak(voice, language):
                return voice
        # What follows is for few: most people chose, and everybody's pages ask for it.
        default = installations()
        if default and (not language or can_speak(default, language)):
            return default
        return Choice.of(listener).best(language) or next(iter(usual), default)

    return [voice_for(*each, pks) for each, pks in zip(asked, chosen, strict=True)]


def _stand_in(voice: Voice, language: str, choice: Choice) -> Voice | None:
    """Return a voice of another language than the voice's own."""
    if base_of(language) == base_of(voice.language) and can_speak(voice, language):
        return None
    found = choice.best(language, near=voice.speech_model)
    return None if found is None or found.pk == voice.pk else found
