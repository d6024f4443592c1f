"""What is to be taken along: the kind of file, the voice, the chapters."""

from __future__ import annotations

from typing import Any

from django import forms

from tts.models import Voice

from ..exporting.writers import KINDS
from ..models import Document


class ExportForm(forms.Form):
    """``voice``: as ``model/voice``. ``chapter``: the first blocks of those chosen; none: all."""

    kind = forms.ChoiceField(choices=[(slug, kind.name) for slug, kind in KINDS.items()])
    voice = forms.CharField(required=False, max_length=160)
    chapter = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._place = str(document.uuid)
        firsts = document.outline.values_list("block_idx", flat=True)
        self.fields["chapter"].choices = [(idx, idx) for idx in set(firsts)]  # type: ignore[attr-defined]

    def clean_voice(self) -> Voice | None:
        model_slug, _, voice_slug = self.cleaned_data["voice"].partition("/")
        if not model_slug:
            return None
        voice = Voice.objects.by_slugs(model_slug, voice_slug, self._place).first()
        if voice is None:
            raise forms.ValidationError("There is no such voice any more. Choose another one.")
        return voice

    @property
    def chapters(self) -> list[int] | None:
        return self.cleaned_data["chapter"] or None
