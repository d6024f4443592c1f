"""Marking a passage, and its note."""

from __future__ import annotations

from typing import Any

from django import forms

from ..models import Annotation, Document
from ..services.annotating import MAX_NOTE, MAX_PER_DOCUMENT, PassageError, quote_of


class PlaceField(forms.IntegerField):
    def __init__(self) -> None:
        super().__init__(min_value=0, max_value=2**31 - 1)


class AnnotationForm(forms.Form):
    """A passage of a document to be marked; its quote is what the document shows there."""

    kind = forms.ChoiceField(choices=Annotation.Kind.choices)
    block_idx = PlaceField()
    start = PlaceField()
    end_block_idx = PlaceField()
    end = PlaceField()
    note = forms.CharField(required=False, max_length=MAX_NOTE)

    def __init__(self, *args: Any, document: Document, count: int, **kwargs: Any) -> None:
        """``count``: how many this person has in the document already."""
        super().__init__(*args, **kwargs)
        self._document = document
        self._count = count

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        if self._count >= MAX_PER_DOCUMENT:
            raise forms.ValidationError(
                f"There are {MAX_PER_DOCUMENT} bookmarks and highlights in this document, which "
                "is as many as it takes. Please delete one first."
            )
        place = {name: cleaned[name] for name in ("block_idx", "start", "end_block_idx", "end")}
        try:
            cleaned["quote"] = quote_of(document=self._document, **place)
        except PassageError as error:
            raise forms.ValidationError(str(error)) from error
        if cleaned["kind"] == Annotation.Kind.HIGHLIGHT and not cleaned["quote"]:
            raise forms.ValidationError("There is no text to highlight in this.")
        return cleaned


class NoteForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    note = forms.CharField(required=False, max_length=MAX_NOTE)

    class Meta:
        model = Annotation
        fields = ["note"]
