"""What is done to many documents at once, and the names of collections and filters."""

from __future__ import annotations

from urllib.parse import parse_qsl
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from ..services.shelving import ACTIONS

ACTS = (*ACTIONS, "put", "take", "next", "last")


class Uuids(forms.Field):
    """One or more documents, as checkboxes of one name send them."""

    widget = forms.SelectMultiple

    def to_python(self, value: object) -> list[UUID]:
        try:
            return [UUID(str(each)) for each in value or ()]  # type: ignore[attr-defined]
        except (ValueError, TypeError):
            raise ValidationError("Select documents of your library.") from None


class SeveralForm(forms.Form):
    uuid = Uuids(error_messages={"required": "Select a document first."})
    act = forms.ChoiceField(
        choices=[(name, name) for name in (*ACTIONS, "put", "take", "next", "last")]
    )
    name = forms.CharField(max_length=101, required=False)
    collection = forms.UUIDField(required=False)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("act") == "put" and not str(cleaned.get("name", "")).strip(" #"):
            raise ValidationError("Name the collection that they are to be put into.")
        return cleaned


class OrderForm(forms.Form):
    """An order of documents, or one of them and by how many places it moves."""

    uuid = Uuids()
    move = forms.IntegerField(required=False, min_value=-1, max_value=1)


class NameForm(forms.Form):
    name = forms.CharField(max_length=101)


class FilterForm(forms.Form):
    """A filter's name, and the query of the address that it is made of."""

    name = forms.CharField(max_length=100)
    query = forms.CharField(max_length=2000, required=False)

    @property
    def chosen(self) -> dict[str, str]:
        return dict(parse_qsl(self.cleaned_data["query"]))


class SubscriptionForm(forms.Form):
    """A feed's address, or a file with the addresses of many."""

    address = forms.CharField(max_length=2000, required=False)
    file = forms.FileField(required=False)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if not cleaned.get("address") and not cleaned.get("file"):
            raise ValidationError("Enter the address of a feed, or choose an OPML file.")
        return cleaned
