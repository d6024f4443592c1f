"""Signing in and up, and choosing passwords."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import forms as allauth
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpRequest

from ..clients import client_of
from ..models import User
from ..services import attempts
from ..services.mails import post_reset_link
from .backends import person_named

TOO_MANY = "too_many"
ABOUT_PASSWORDS = "At least 8 characters, and none that is easily guessed."
WRONG = (
    "This name and this password do not belong together. Mind that capitals count in a password."
)


def counted(begin: Callable[..., None], **about: str) -> None:
    """Count an attempt. Raises ValidationError, in words, if there were too many."""
    try:
        begin(**about)
    except attempts.TooMany as error:
        raise forms.ValidationError(str(error), code=TOO_MANY) from None


class SignInForm(allauth.LoginForm):
    """Signing in by user name, or by an address that was confirmed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = "User name or e-mail" if settings.EMAIL_URL else "Username"
        widget = forms.TextInput(attrs={"autocomplete": "username webauthn", "autofocus": True})
        self.fields = {
            "username": forms.CharField(label=label, max_length=254, widget=widget),
            "password": forms.CharField(
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
                strip=False,
            ),
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = forms.Form.clean(self) or {}
        name, password = cleaned.get("username"), cleaned.get("password")
        if not (name and password):
            return cleaned
        person = person_named(name)
        account = person.username if person else name  # one count, whichever way it is named
        client = client_of(self.request)
        counted(attempts.begin_sign_in, account=account, client=client)
        self.user = authenticate(self.request, username=name, password=password)
        if self.user is None:
            raise forms.ValidationError(WRONG, code="invalid_login")
        attempts.signed_in(account=account, client=client)
        self._login = Login(user=self.user)
        return cleaned

    def user_credentials(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("username", "password")}


class SignUpForm(allauth.SignupForm):
    """A name and a password, and an address where mail is sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = "Letters, digits and @ . + - _"
        self.fields["username"].widget.attrs["autofocus"] = True
        if address := self.fields.get("email"):
            address.label = "E-mail"
            address.help_text = "For a new password, should you forget yours."
        say_shortly(self.fields["password1"], self.fields["password2"])
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def clean(self) -> dict[str, Any]:
        request = allauth.context.request
        counted(attempts.begin_sign_up, client=client_of(request))
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class PasswordForm(PasswordChangeForm):
    """Another password, or the first of a person who came by a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_shortly(self.fields["new_password1"], self.fields["new_password2"])
        if not self.user.has_usable_password():
            del self.fields["old_password"]

    def clean_old_password(self) -> str:
        with_guesses_counted(self.user)
        old = super().clean_old_password()
        guessed_right(self.user)
        return old


class SureForm(forms.Form):
    """The password once more, before what cannot be taken back."""

    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        strip=False,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        with_guesses_counted(self.user)
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError("This is not your password.", code="wrong_password")
        guessed_right(self.user)
        return password


def with_guesses_counted(user: User) -> None:
    """Count a guess by whoever has a person's session. Raises ValidationError."""
    counted(attempts.begin_sign_in, account=_own(user), client=_own(user))


def guessed_right(user: User) -> None:
    attempts.signed_in(account=_own(user), client=_own(user))


def _own(user: User) -> str:
    return f"password of {user.pk}"


class ResetForm(forms.Form):
    """Where to send a link for a new password."""

    email = forms.EmailField(
        label="E-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )

    def save(self, request: HttpRequest, **_: Any) -> str:
        """Have the link sent, if the address is somebody's: that is found out where nobody waits
        for it, so that neither words nor time tell whether it is."""
        address: str = self.cleaned_data["email"].lower()
        post_reset_link(address=address, site=request.build_absolute_uri("/"))
        return address


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # not generic at run time
    """A new password for whoever came by a link."""

    def __init__(self, *args: Any, user: User, temp_key: str | None = None, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        say_shortly(self.fields["new_password1"], self.fields["new_password2"])


def say_shortly(password: forms.Field, again: forms.Field) -> None:
    """Say in a line what Django says in a list; what is wrong is told in full anyway."""
    password.help_text = ABOUT_PASSWORDS
    again.label = "The same password again"
    again.help_text = ""
