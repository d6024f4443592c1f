"""Inviting people."""

from __future__ import annotations

from django import forms

from ..services.invitations import DAYS


class InvitationForm(forms.Form):
    note = forms.CharField(
        label="For whom", max_length=100, required=False, help_text="Only you see it."
    )
    days = forms.TypedChoiceField(
        label="Good for",
        coerce=int,
        choices=[(days, f"{days} days" if days > 1 else "a day") for days in DAYS],
        initial=7,
    )
