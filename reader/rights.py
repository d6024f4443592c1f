"""Who a session belongs to, and the events by which open pages learn that it does so no longer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from hashlib import blake2b
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from tts.delivery.events import publish

from . import events
from .models import User

# Of a person's row, what a right to listen hangs on.
ABOUT_RIGHTS = {"password", "is_active", "times_signed_out"}
# A command that ends at once waits for so long until its event is out.
PUBLISHED_WITHIN_SECONDS = 1.0
AT_ONCE = 500  # sessions in one query


def holder(session: Mapping[str, Any], user: User | None) -> bool:
    """Whether a session's content is that of a person who is signed in.

    What was signed with one of SECRET_KEY_FALLBACKS counts.
    """
    if user is None or not user.is_active or str(user.pk) != session.get(SESSION_KEY):
        return False
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    signed = session.get(HASH_SESSION_KEY) or ""
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(signed, each) for each in hashes)


def user_of(session: Any) -> User | None:
    """Return the person whom a session belongs to.

    Unlike Django's own function it gives the session no new name when its signature is from a
    former SECRET_KEY: that would sign out every page and socket that still has the old one.
    """
    pk = session.get(SESSION_KEY, "")
    user = User.objects.filter(pk=pk).first() if str(pk).isdecimal() else None
    return user if user and holder(session, user) else None


def accounts_of(session_keys: Sequence[str]) -> list[int | None]:
    """Return whose each of these sessions says that it is, if anybody's: that proves nothing."""
    contents = _contents(set(session_keys))
    pks = [str(contents.get(key, {}).get(SESSION_KEY, "")) for key in session_keys]
    return [int(pk) if pk.isdecimal() else None for pk in pks]


def holders(session_keys: Collection[str]) -> dict[str, User]:
    """Return who is signed in by each of these sessions, as far as somebody is."""
    contents = _contents(session_keys)
    pks = {str(content.get(SESSION_KEY, "")) for content in contents.values()}
    people = User.objects.in_bulk({int(pk) for pk in pks if pk.isdecimal()})
    by_pk = {str(pk): person for pk, person in people.items()}
    return {
        key: person
        for key, content in contents.items()
        if (person := by_pk.get(str(content.get(SESSION_KEY)))) and holder(content, person)
    }


def _contents(session_keys: Collection[str]) -> dict[str, dict[str, Any]]:
    ordered = sorted(session_keys)
    contents: dict[str, dict[str, Any]] = {}
    for at in range(0, len(ordered), AT_ONCE):
        rows = Session.objects.filter(
            session_key__in=ordered[at : at + AT_ONCE], expire_date__gt=timezone.now()
        )
        contents |= {row.session_key: row.get_decoded() for row in rows}
    return contents


def session_name(session_key: str | None) -> str:
    """Return what names a session in events, and opens nothing."""
    return blake2b((session_key or "").encode(), digest_size=12).hexdigest()


def sign_out_everywhere(user: User) -> None:
    """End all sessions of a person: their signature counts no longer."""
    User.objects.filter(pk=user.pk).update(times_signed_out=F("times_signed_out") + 1)
    user.refresh_from_db(fields=["times_signed_out"])
    _tell_of_rights(user.pk)


def end_session(user: User, session: UserSession) -> None:
    """End one session of a person, and what is open in it."""
    name = session_name(session.session_key)
    session.end()
    _tell(user.pk, {"type": "session.ended", "session": name})


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: User | None, **_: object) -> None:
    if user is not None:
        name = session_name(request.session.session_key)
        _tell(user.pk, {"type": "session.ended", "session": name})


@receiver(post_save, sender=User)
def _changed(
    instance: User, created: bool, update_fields: frozenset[str] | None, **_: object
) -> None:
    if not created and (update_fields is None or ABOUT_RIGHTS & update_fields):
        _tell_of_rights(instance.pk)


@receiver(post_delete, sender=User)
def _deleted(instance: User, **_: object) -> None:
    _tell_of_rights(instance.pk)


def _tell_of_rights(user_pk: int) -> None:
    transaction.on_commit(lambda: _tell(user_pk, {"type": "rights.changed"}))


def _tell(user_pk: int, message: dict[str, Any]) -> None:
    with suppress(Late):
        publish(events.account_group(user_pk), message).result(PUBLISHED_WITHIN_SECONDS)
