"""What is spoken of a document, and of one block."""

from __future__ import annotations

from typing import Any

from django import forms

from ..extraction.plain.decoding import clean
from ..extraction.sanitise import shown_text
from ..models import Block, Document, LexiconEntry
from ..spoken import RULES, USUAL, stands_alone
from .documents import NO_WORDS
from .people import LexiconForm


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


class SayForm(LexiconForm):
    """How a word is said that was heard in a block; an entry for it is changed, if there is one."""

    class Meta:
        model = LexiconEntry
        fields = ["word", "say", "language"]
        error_messages = {
            "word": {
                "required": "Write the word as it stands in the text.",
                "max_length": "This is more than a word or a few: %(limit_value)d letters at most.",
            },
            "say": {
                "required": "Write how it sounds.",
                "max_length": "This is too long: %(limit_value)d letters at most.",
            },
        }

    def __init__(self, data: Any, *, block: Block) -> None:
        user = block.document.owner
        # The form refuses a NUL in words; PostgreSQL does not even compare with it.
        word, language = (
            str(data.get(name, "")).replace("\0", "").strip() for name in ("word", "language")
        )
        known = user.lexicon.filter(word__iexact=word, language=language)
        entry = known.filter(word=word).first() or known.filter(match_case=False).first()
        super().__init__(data, instance=entry or LexiconEntry(user=user))
        self.block = block

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.instance.pk is None and cleaned.get("word"):
            self.instance.whole_word = stands_alone(cleaned["word"], shown_text(self.block.html))
        return cleaned
