"""What the reading page keeps by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from tts.models import Voice

from ..models import (
    LETTER_SPACINGS,
    LINE_HEIGHTS,
    MAX_SPEED,
    MEASURES,
    MIN_SPEED,
    TEXT_SIZES,
    Document,
    TextFace,
    Theme,
)


def _steps(values: Sequence[int]) -> list[tuple[int, str]]:
    return [(value, str(value)) for value in values]


class ListeningForm(forms.Form):
    """What the reading page keeps by itself: any of these, each as it was chosen."""

    model_slug = forms.SlugField(required=False)
    voice_slug = forms.SlugField(required=False)
    speed = forms.FloatField(required=False, min_value=MIN_SPEED, max_value=MAX_SPEED)
    volume = forms.FloatField(required=False, min_value=0, max_value=1)
    document = forms.UUIDField(required=False)
    auto_play = forms.NullBooleanField(required=False)

    def __init__(self, *args: Any, place: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._place = place  # a voice that is heard only there may be chosen

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("voice_slug"):
            model_slug, voice_slug = cleaned.get("model_slug", ""), cleaned["voice_slug"]
            voice = Voice.objects.by_slugs(model_slug, voice_slug, self._place)
            cleaned["voice"] = voice.first()
            if cleaned["voice"] is None:
                raise forms.ValidationError("There is no such voice here.")
        return cleaned


class LookForm(forms.Form):
    """The look of the page: any of these, each as it was chosen."""

    theme = forms.ChoiceField(required=False, choices=Theme.choices)
    text_face = forms.ChoiceField(required=False, choices=TextFace.choices)
    text_size = forms.TypedChoiceField(required=False, choices=_steps(TEXT_SIZES), coerce=int)
    line_height = forms.TypedChoiceField(required=False, choices=_steps(LINE_HEIGHTS), coerce=int)
    measure = forms.TypedChoiceField(required=False, choices=_steps(MEASURES), coerce=int)
    letter_spacing = forms.TypedChoiceField(
        required=False, choices=_steps(LETTER_SPACINGS), coerce=int
    )

    @property
    def chosen(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value != ""}


class FoldForm(forms.Form):
    """The chapters of a document that are skipped: the first block of each."""

    # As "0,12,40": a long book has more chapters than a form may have fields.
    folded = forms.RegexField(r"\A\d{1,9}(,\d{1,9})*\Z", required=False, max_length=60_000)

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._document = document

    def clean_folded(self) -> list[int]:
        text: str = self.cleaned_data["folded"]
        folded = {int(idx) for idx in text.split(",") if idx}
        chapters = set(self._document.outline.values_list("block_idx", flat=True))
        if not folded <= chapters:
            raise forms.ValidationError("This document has no such chapter.")
        return sorted(folded)


class PreparationForm(ListeningForm):
    """In which voice a document is to be made ahead, and in which format it is stored."""

    sound = forms.CharField(required=False, max_length=10)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("voice") is None:
            raise forms.ValidationError("Choose a voice first.")
        return cleaned
