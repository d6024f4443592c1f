"""How a person likes to listen, and their words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator

from tts.models import Voice
from tts.voices.nature import nature_of

from ..languages import language_name
from ..listening import base_of
from ..models import MAX_SPEED, MIN_SPEED, LexiconEntry, User

MAX_LEXICON = 500
MAX_KEPT_SOUNDS_MB = 10_000


class VoicesByLanguage(ModelChoiceIterator):  # type: ignore[type-arg]  # not generic at run time
    """The choices of voices in groups: a language of a speech model each, the best of it first."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        groups: dict[tuple[str, int, str, str], list[Voice]] = {}
        for voice in self.queryset:
            language = language_name(base_of(voice.language)) or "Any language"
            nature = nature_of(voice.speech_model.engine)
            key = (language, nature.rank, voice.speech_model.name, nature.words)
            groups.setdefault(key, []).append(voice)
        for (language, _, model, words), voices in sorted(groups.items()):
            voices.sort(key=lambda voice: (not voice.featured, voice.name))
            name = f"{language} · {model}" + (f" ({words})" if words else "")
            yield (name, [self.choice(voice) for voice in voices])


class VoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    iterator = VoicesByLanguage

    def label_from_instance(self, voice: Any) -> str:
        return str(voice.name)


class Slider(forms.NumberInput):
    input_type = "range"


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """How a person likes to listen."""

    class Meta:
        model = User
        fields = [
            *("voice", "speed", "own_voices"),
            *("sentence_pause_ms", "pause_ms", "heading_pause_ms"),
            *("rewind_ms", "auto_play"),
        ]
        labels = {
            "voice": "Usual voice",
            "sentence_pause_ms": "Between sentences",
            "pause_ms": "Between paragraphs",
            "heading_pause_ms": "After a heading",
        }
        widgets = {
            "speed": Slider(attrs={"min": MIN_SPEED, "max": MAX_SPEED, "step": 0.1}),
        }
        field_classes = {"voice": VoiceField}
        help_texts = {
            "voice": "For every document and language that you have not chosen one for.",
            "sentence_pause_ms": "",  # said of all of them at once
            "pause_ms": "",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voices = Voice.objects.usable()
        self.fields["voice"].queryset = voices  # type: ignore[attr-defined]
        self.fields["voice"].empty_label = "The one of this installation"  # type: ignore[attr-defined]

    @property
    def listening(self) -> list[forms.BoundField]:
        return [self["voice"], self["speed"], self["own_voices"]]

    @property
    def pauses(self) -> list[forms.BoundField]:
        return [self["sentence_pause_ms"], self["pause_ms"], self["heading_pause_ms"]]

    @property
    def reading(self) -> list[forms.BoundField]:
        return [self["rewind_ms"], self["auto_play"]]

    def clean_speed(self) -> float:
        speed: float = self.cleaned_data["speed"]
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise forms.ValidationError(f"The speed goes from {MIN_SPEED} to {MAX_SPEED}.")
        return speed


class KeptSoundsForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """How much sound a person's browsers may keep."""

    kept_sounds_mb = forms.IntegerField(
        label="How much may be kept, in MB",
        min_value=0,
        max_value=MAX_KEPT_SOUNDS_MB,
        help_text="In each browser. What was heard longest ago goes first. 0 keeps none.",
    )

    class Meta:
        model = User
        fields = ["kept_sounds_mb"]


class LexiconForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A word, and what is said instead."""

    class Meta:
        model = LexiconEntry
        fields = ["word", "say", "language", "match_case", "whole_word"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("word") and not any(map(str.isalnum, cleaned["word"])):
            raise forms.ValidationError("A word has letters or digits.")
        if cleaned.get("say") and not any(map(str.isalnum, cleaned["say"])):
            raise forms.ValidationError(
                "Write how it sounds in letters: nothing is heard of signs."
            )
        is_new = self.instance.pk is None
        if is_new and self.instance.user.lexicon.count() >= MAX_LEXICON:
            raise forms.ValidationError(f"A list holds {MAX_LEXICON} words: take some out first.")
        known = LexiconEntry.objects.filter(
            user=self.instance.user,
            word=cleaned.get("word", ""),
            language=cleaned.get("language", ""),
        )
        if known.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("This word is in your list already: take it out first.")
        return cleaned
