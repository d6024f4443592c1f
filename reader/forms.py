"""What people fill in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm, UserCreationForm
from django.core.files.uploadedfile import UploadedFile
from django.forms.models import ModelChoiceIterator
from django.template.defaultfilters import filesizeformat

from tts.models import Voice

from .annotating import MAX_NOTE, MAX_PER_DOCUMENT, PassageError, quote_of
from .extraction import ExtractionError, decode, kind_of
from .extraction.decoding import clean
from .fetching import checked
from .languages import language_name
from .listening import base_of
from .models import (
    LETTER_SPACINGS,
    LINE_HEIGHTS,
    MAX_SPEED,
    MEASURES,
    MIN_SPEED,
    TEXT_SIZES,
    Annotation,
    Block,
    Document,
    LexiconEntry,
    TextFace,
    Theme,
    User,
)
from .services import same_source
from .spoken import RULES, USUAL

NOTHING_TO_READ = "There is nothing to read in this. Please paste a text, or choose a file."
MAX_LEXICON = 500
MAX_KEPT_SOUNDS_MB = 10_000
EMPTY = "This file is empty: there is nothing in it to read."
ABOUT_PASSWORDS = "At least 8 characters, and none that is easily guessed."
NO_WORDS = "There are no words in this, so there is nothing to read aloud."


class SignUpForm(UserCreationForm):  # type: ignore[type-arg]  # not generic at run time
    class Meta:
        model = User
        fields = ["username"]
        help_texts = {"username": "Letters, digits and @ . + - _"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_shortly(self.fields["password1"], self.fields["password2"])


class PasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_shortly(self.fields["new_password1"], self.fields["new_password2"])


def _say_shortly(password: forms.Field, again: forms.Field) -> None:
    """Say in a line what Django says in a list; what is wrong is told in full anyway."""
    password.help_text = ABOUT_PASSWORDS
    again.label = "The same password again"
    again.help_text = ""


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
        self.known: Document | None = None  # what the same file was made into before

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
        if upload and self._owner and not cleaned.get("again"):
            self.known = same_source(owner=self._owner, upload=upload)
            if self.known:
                raise forms.ValidationError("You have brought in this file before.")
        if not upload and not cleaned.get("url"):
            require_words(clean(cleaned.get("text", "")), if_empty=NOTHING_TO_READ)
        return cleaned


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


class VoicesByLanguage(ModelChoiceIterator):  # type: ignore[type-arg]  # as above
    """The choices of voices in groups: a language of a speech model each."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        groups: dict[tuple[str, str], list[Voice]] = {}
        for voice in self.queryset:
            language = language_name(base_of(voice.language)) or "Any language"
            key = (language, voice.speech_model.name)
            groups.setdefault(key, []).append(voice)
        for (language, model), voices in sorted(groups.items()):
            voices.sort(key=lambda voice: (not voice.featured, voice.name))
            yield (f"{language} · {model}", [self.choice(voice) for voice in voices])


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


class SpeechForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What is read of a document: a level, and switches that differ from it."""

    speech_level = forms.ChoiceField(
        label="What is read",
        choices=[
            ("everything", "Everything"),
            (USUAL, "The usual: all but citations, footnotes and long addresses"),
            ("running", "Only the running text"),
        ],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Document
        fields = ["speech_level"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        switches = self.instance.speech_switches
        for rule in RULES:
            self.fields[f"rule_{rule.name}"] = forms.ChoiceField(
                label=rule.words[0].upper() + rule.words[1:],
                choices=[("", "As above"), ("spoken", "Read"), ("silent", "Leave out")],
                required=False,
                initial={True: "silent", False: "spoken"}.get(switches.get(rule.name), ""),
            )

    @property
    def rules(self) -> list[forms.BoundField]:
        return [self[f"rule_{rule.name}"] for rule in RULES]

    def save(self, commit: bool = True) -> Document:
        chosen = {rule.name: self.cleaned_data[f"rule_{rule.name}"] for rule in RULES}
        self.instance.speech_switches = {
            name: choice == "silent" for name, choice in chosen.items() if choice
        }
        document: Document = super().save(commit=False)
        if commit:
            document.save(update_fields=["speech_level", "speech_switches"])
        return document


class LexiconForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A word, and what is said instead."""

    class Meta:
        model = LexiconEntry
        fields = ["word", "say", "language", "match_case", "whole_word"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("word") and not any(map(str.isalnum, cleaned["word"])):
            raise forms.ValidationError("A word has letters or digits.")
        if self.instance.user.lexicon.count() >= MAX_LEXICON:
            raise forms.ValidationError(f"A list holds {MAX_LEXICON} words: take some out first.")
        known = LexiconEntry.objects.filter(
            user=self.instance.user,
            word=cleaned.get("word", ""),
            language=cleaned.get("language", ""),
        )
        if known.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("This word is in your list already: take it out first.")
        return cleaned


class CorrectionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What is spoken of one block instead of what the rules make of it."""

    correction = forms.CharField(
        label="What is read aloud instead",
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text="Empty: what the rules make of it.",
    )

    class Meta:
        model = Block
        fields = ["correction"]

    def clean_correction(self) -> str:
        text = " ".join(clean(self.cleaned_data["correction"]).split())
        if text and not any(map(str.isalnum, text)):
            raise forms.ValidationError(NO_WORDS)
        return text


def steps(values: Sequence[int]) -> list[tuple[int, str]]:
    return [(value, str(value)) for value in values]


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


class ListeningForm(forms.Form):
    """What the reading page keeps by itself: any of these, each as it was chosen."""

    model_slug = forms.SlugField(required=False)
    voice_slug = forms.SlugField(required=False)
    speed = forms.FloatField(required=False, min_value=MIN_SPEED, max_value=MAX_SPEED)
    volume = forms.FloatField(required=False, min_value=0, max_value=1)
    document = forms.UUIDField(required=False)
    auto_play = forms.NullBooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("voice_slug"):
            voice = Voice.objects.by_slugs(cleaned.get("model_slug", ""), cleaned["voice_slug"])
            cleaned["voice"] = voice.first()
            if cleaned["voice"] is None:
                raise forms.ValidationError("There is no such voice here.")
        return cleaned


class LookForm(forms.Form):
    """The look of the page: any of these, each as it was chosen."""

    theme = forms.ChoiceField(required=False, choices=Theme.choices)
    text_face = forms.ChoiceField(required=False, choices=TextFace.choices)
    text_size = forms.TypedChoiceField(required=False, choices=steps(TEXT_SIZES), coerce=int)
    line_height = forms.TypedChoiceField(required=False, choices=steps(LINE_HEIGHTS), coerce=int)
    measure = forms.TypedChoiceField(required=False, choices=steps(MEASURES), coerce=int)
    letter_spacing = forms.TypedChoiceField(
        required=False, choices=steps(LETTER_SPACINGS), coerce=int
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
