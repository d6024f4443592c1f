"""Keys for programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from ..extraction import ExtractionError
from ..ingestion.fetching import checked
from ..models import MOST_WEBHOOKS, Event, Scope, User
from ..services.tokens import MOST_TOKENS

EXPIRES = [("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), ("", "Never")]


class TokenForm(forms.Form):
    """What uses a token, what it may do, and for how long."""

    name = forms.CharField(
        max_length=100,
        label="What will use it",
        help_text="Such as: phone, browser, script at work.",
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ, Scope.WRITE],
        error_messages={"required": "Choose what it may do: at least one."},
    )
    expires = forms.ChoiceField(
        choices=EXPIRES, required=False, label="When it expires", initial="365"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self._user.tokens.count() >= MOST_TOKENS:
            raise forms.ValidationError(
                f"You have {MOST_TOKENS} tokens, which is as many as there may be. "
                "Withdraw one that you no longer need."
            )
        return cleaned

    @property
    def expires_at(self) -> datetime | None:
        days: str = self.cleaned_data["expires"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class WebhookForm(forms.Form):
    """Which address is told, and of what."""

    url = forms.CharField(
        max_length=2000,
        label="Address",
        help_text="Such as https://example.org/hooks/lectern.",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        choices=Event.choices,
        label="When it is told",
        widget=forms.CheckboxSelectMultiple,
        initial=Event.values,
        error_messages={"required": "Choose when it is told: at least one."},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_url(self) -> str:
        address: str = self.cleaned_data["url"].strip()
        try:
            checked(address)
        except ExtractionError as error:
            raise forms.ValidationError(str(error)) from error
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self._user.webhooks.count() >= MOST_WEBHOOKS:
            raise forms.ValidationError(
                f"You have {MOST_WEBHOOKS} webhooks, which is as many as there may be."
            )
        return cleaned
