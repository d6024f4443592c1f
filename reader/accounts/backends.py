"""Who signs in with a name, or with an address that they have confirmed, and a password."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.models import EmailAddress
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from ..models import User


def person_named(name: str) -> User | None:
    """Return whose name this is, or whose confirmed address."""
    confirmed = EmailAddress.objects.filter(email=name.lower(), verified=True)
    if "@" in name and (address := confirmed.select_related("user").first()):
        return cast(User, address.user)
    # At most one has exactly this name. Older installations may have names that differ in capitals.
    spelled = list(User.objects.filter(username__iexact=name)[:10])
    exact = [user for user in spelled if user.username == name]
    found = exact or (spelled if len(spelled) == 1 else [])
    return found[0] if found else None


class NameOrAddress(BaseBackend):
    """The only one that checks passwords: one hash for each attempt, whether there is a person or
    not, so that nobody learns it from the time that it takes."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        user = person_named(username)
        if user is None or not user.has_usable_password():
            User().set_password(password)
        elif user.check_password(password) and user.is_active:
            return user
        raise PermissionDenied  # no other backend is to hash it once more

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
