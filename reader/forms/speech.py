"""What is spoken of a document, and of one block."""

from __future__ import annotations

from typing import Any

from django import forms

from ..extraction.plain.decoding import clean
from ..models import Block, Document
from ..spoken import RULES, USUAL
from .documents import NO_WORDS


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
