"""Deleting one's own account."""

from __future__ import annotations

from typing import Any

from django import forms

from ..models import User


class LeaveForm(forms.Form):
    name = forms.CharField(
        label="Your user name", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        name = user.get_username()
        self.fields["name"].help_text = f"Write {name}, so that nothing happens by chance."

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if name != self._user.get_username():
            raise forms.ValidationError("This is not your user name.")
        return name
