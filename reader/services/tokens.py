"""The keys of programs: made, known again, withdrawn."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db.models import Q
from django.utils import timezone

from ..models import Scope, Token, User

log = structlog.get_logger(__name__)

PREFIX = "lectern_"
HINT_LETTERS = len(PREFIX) + 4
# That it was used is written down so often, not with each request.
USED_AGAIN_AFTER = timedelta(minutes=1)
MOST_TOKENS = 50
LONGEST_KEY = 200


def make_token(
    *, user: User, name: str, scopes: Sequence[str], expires_at: datetime | None = None
) -> tuple[Token, str]:
    """Make a token; return it and the key itself, which nobody can see again."""
    key = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        name=name,
        digest=_digest(key),
        hint=key[:HINT_LETTERS],
        scopes=[scope for scope in Scope.values if scope in scopes],
        expires_at=expires_at,
    )
    log.info("token.made", user=user.pk, token=token.pk, scopes=",".join(token.scopes))
    return token, key


def token_of(key: str) -> Token | None:
    """Return the token that a key is of, if it opens anything; note that it was used."""
    if not key or len(key) > LONGEST_KEY:
        return None
    token = Token.objects.valid().select_related("user").filter(digest=_digest(key)).first()
    if token:
        now = timezone.now()
        stale = Q(used_at=None) | Q(used_at__lt=now - USED_AGAIN_AFTER)
        if token.used_at is None or token.used_at < now - USED_AGAIN_AFTER:
            Token.objects.filter(stale, pk=token.pk).update(used_at=now)
    return token


def bearer_of(authorization: str) -> Token | None:
    """Return the token that a header ``Authorization: Bearer KEY`` names."""
    scheme, _, key = authorization.partition(" ")
    return token_of(key.strip()) if scheme.lower() == "bearer" else None


def withdraw_token(*, token: Token) -> None:
    """Make a token worthless, from this moment on."""
    log.info("token.withdrawn", user=token.user_id, token=token.pk)
    token.delete()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
