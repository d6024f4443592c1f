"""Whether anybody may make an account."""

from __future__ import annotations

from django.conf import settings

from ..models import Installation, User


def is_sign_up_open(besides: User | None = None) -> bool:
    """Whether an account needs no invitation: the first one, or where it is so decided.

    ``besides``: an account that is just being made.
    """
    if settings.SIGNUP_OPEN is not None:
        return bool(settings.SIGNUP_OPEN)
    if Installation.objects.filter(signup_open=True).exists():
        return True
    others = User.objects.exclude(pk=besides.pk) if besides else User.objects.all()
    return not others.exists()
