"""Bringing a document in, and naming it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format

from ..extraction import ExtractionError, decode, kind_of
from ..extraction.plain.decoding import clean
from ..ingestion.fetching import checked
from ..models import Document, User
from ..services.documents import same_source
from ..services.quota import refusal

NOTHING_TO_READ = "There is nothing to read in this. Please paste a text, or choose a file."
EMPTY = "This file is empty: there is nothing in it to read."
NO_WORDS = "There are no words in this, so there is nothing to read aloud."


class DocumentForm(forms.Form):
    """A pasted text, the address of a page, or a file. ``kind``: the file's format, once valid."""

    title = forms.CharField(
        max_length=300, required=False, help_text="Left empty, the first line may serve."
    )
    text = forms.CharField(required=False, widget=forms.Textarea, strip=False)
    url = forms.CharField(max_length=2000, required=False)
    file = forms.FileField(required=False, allow_empty_file=True)
    again = forms.BooleanField(required=False)

    def __init__(self, *args: Any, owner: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._owner = owner
        self.kind = "text"
        self.known: Document | None = None  # what was made of the same source before

    @property
    def refusal(self) -> str:
        """Why nothing more is taken of this person, to be told before they choose a file."""
        return refusal(self._owner) if self._owner and not self.is_bound else ""

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        limit = settings.MAX_UPLOAD_MB * 1024 * 1024
        if len(text.encode("utf-8", "replace")) > limit:
            raise forms.ValidationError(
                f"This text is longer than the {filesizeformat(limit)} that are taken here. "
                "Please bring it in in parts."
            )
        return text

    def clean_file(self) -> UploadedFile[Any] | None:
        upload: UploadedFile[Any] | None = self.cleaned_data["file"]
        if upload is None:
            return None
        limit = settings.MAX_UPLOAD_MB * 1024 * 1024
        if (upload.size or 0) > limit:
            raise forms.ValidationError(
                f"This file is larger than the {filesizeformat(limit)} that are taken here. "
                "Please bring it in in parts."
            )
        data = upload.read()
        upload.seek(0)
        if not data:
            raise forms.ValidationError(EMPTY)
        try:
            self.kind = kind_of(upload.name or "", data)
            if self.kind == "text":
                require_words(decode(data), if_empty=EMPTY)
        except ExtractionError as error:
            raise forms.ValidationError(str(error)) from error
        return upload

    def clean_url(self) -> str:
        address: str = self.cleaned_data["url"].strip()
        if address and "://" not in address:
            address = f"https://{address}"
        if address:
            try:
                checked(address)
            except ExtractionError as error:
                raise forms.ValidationError(str(error)) from error
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        upload, has_text = cleaned.get("file"), bool(cleaned.get("text", "").strip())
        if bool(upload) + bool(cleaned.get("url")) + has_text > 1:
            raise forms.ValidationError(
                "Please bring in a text, an address or a file, one at a time."
            )
        if not upload and not cleaned.get("url"):
            require_words(clean(cleaned.get("text", "")), if_empty=NOTHING_TO_READ)
        if self._owner:
            size = upload.size or 0 if upload else len(cleaned["text"].encode("utf-8", "replace"))
            if words := refusal(self._owner, more_bytes=size):
                raise forms.ValidationError(words)
        if self._owner and not cleaned.get("again"):
            self._refuse_known(self._owner, cleaned)
        return cleaned

    def _refuse_known(self, owner: User, cleaned: dict[str, Any]) -> None:
        text, upload, address = cleaned["text"], cleaned["file"], cleaned["url"]
        self.known = same_source(owner=owner, text=text, upload=upload, address=address)
        if self.known:
            what = "file" if upload else "page" if address else "text"
            day = date_format(timezone.localtime(self.known.created_at), "j F Y")
            raise forms.ValidationError(f"You have brought in this {what} before, on {day}.")


class RenameForm(forms.Form):
    """What a document is called, and who wrote it."""

    title = forms.CharField(
        max_length=300,
        error_messages={"required": "A document needs a title."},
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    author = forms.CharField(
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )

    def clean_title(self) -> str:
        title = _one_line(self.cleaned_data["title"])
        if not title:
            raise forms.ValidationError("A document needs a title.")
        return title

    def clean_author(self) -> str:
        return _one_line(self.cleaned_data["author"])


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def require_words(text: str, *, if_empty: str) -> None:
    """Refuse a text of which nothing could be spoken."""
    if not text.strip():
        raise forms.ValidationError(if_empty)
    if not any(map(str.isalnum, text)):
        raise forms.ValidationError(NO_WORDS)
