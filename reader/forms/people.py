"""Signing up, how a person likes to listen, and their words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UserCreationForm
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest

from tts.models import Voice
from tts.voices.nature import nature_of

from ..clients import client_of
from ..languages import language_name
from ..listening import base_of
from ..models import MAX_SPEED, MIN_SPEED, LexiconEntry, User
from ..services import attempts

MAX_LEXICON = 500
MAX_KEPT_SOUNDS_MB = 10_000
TOO_MANY = "too_many"
ABOUT_PASSWORDS = "At least 8 characters, and none that is easily guessed."


class Counted:
    """Sign-in attempts are counted, and too many are refused in words."""

    def clean(self) -> Any:
        form = cast(AuthenticationForm, self)
        account, client = form.cleaned_data.get("username", ""), ""
        if account and form.cleaned_data.get("password"):
            client = client_of(cast(HttpRequest, form.request))
            counted(attempts.begin_sign_in, account=account, client=client)
        cleaned = super().clean()  # type: ignore[misc]  # of the form that this is mixed into
        if client:
            attempts.signed_in(account=account, client=client)
        return cleaned


class SignInForm(Counted, AuthenticationForm):
    """Signing in."""


class StaffSignInForm(Counted, AdminAuthenticationForm):
    """Signing in to the admin."""


def counted(begin: Callable[..., None], **about: str) -> None:
    """Count an attempt. Raises ValidationError, in words, if there were too many."""
    try:
        begin(**about)
    except attempts.TooMany as error:
        raise forms.ValidationError(str(error), code=TOO_MANY) from None


class SignUpForm(UserCreationForm):  # type: ignore[type-arg]  # not generic at run time
    class Meta:
        model = User
        fields = ["username"]
        help_texts = {"username": "Letters, digits and @ . + - _"}

    def __init__(self, *args: Any, client: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._client = client
        _say_shortly(self.fields["password1"], self.fields["password2"])

    def clean(self) -> Any:
        counted(attempts.begin_sign_up, client=self._client)
        return super().clean()


class PasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_shortly(self.fields["new_password1"], self.fields["new_password2"])
        if not self.user.has_usable_password():  # signed in by a link, and has none yet
            del self.fields["old_password"]

    def clean_old_password(self) -> str:
        account = f"password of {self.user.pk}"
        counted(attempts.begin_sign_in, account=account, client=account)
        old = super().clean_old_password()
        attempts.signed_in(account=account, client=account)
        return old


def _say_shortly(password: forms.Field, again: forms.Field) -> None:
    """Say in a line what Django says in a list; what is wrong is told in full anyway."""
    password.help_text = ABOUT_PASSWORDS
    again.label = "The same password again"
    again.help_text = ""


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
