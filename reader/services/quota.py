"""How much a person, and everybody together, may bring in: told before the upload."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from tts.connections import PREFIX, redis_client

from ..models import Document, DocumentQuerySet, Export, ExportQuerySet, User

MB = 1024 * 1024
EVERYBODY = "all"
COUNTED_SECONDS = 2 * 24 * 3600


def refusal(owner: User, *, more_bytes: int = 0) -> str:
    """Return in words why a person may bring in nothing more, or not so much; empty: they may."""
    own = Document.objects.kept().filter(owner=owner)
    for limit, documents, there_are in (
        (_limit(owner.max_documents, settings.MAX_DOCUMENTS_PER_PERSON), own, "You have"),
        (settings.MAX_DOCUMENTS, Document.objects.kept(), "Here there are"),
    ):
        if limit and documents.count() >= limit:
            return (
                f"{there_are} {limit} documents, and more are not taken. Delete some that you no "
                "longer need, and empty the trash."
            )
    if refused := size_refusal(owner, more_bytes=more_bytes):
        return refused
    own_imports = _limit(owner.max_imports_per_day, settings.MAX_IMPORTS_PER_DAY_PER_PERSON)
    for limit, account, who in (
        (own_imports, str(owner.pk), "You"),
        (settings.MAX_IMPORTS_PER_DAY, EVERYBODY, "People here"),
    ):
        if limit and _imports_today(account) >= limit:
            return f"{who} may bring in {limit} documents in a day. Come back tomorrow."
    return ""


def refusal_of_export(owner: User, *, more_bytes: int) -> str:
    """Return in words why a person may have no file of this size made; empty: they may."""
    return size_refusal(owner, more_bytes=more_bytes)


def size_refusal(owner: User, *, more_bytes: int) -> str:
    """Return in words why what is a person's may not be so much larger; empty: it may."""
    everything = (Document.objects.kept(), Export.objects.all())
    own = (Document.objects.kept().filter(owner=owner), Export.objects.filter(owner=owner))
    for limit, (documents, exports), whose in (
        (_limit(owner.max_mb, settings.MAX_MB_PER_PERSON), own, "Your documents"),
        (settings.MAX_MB, everything, "All documents here"),
    ):
        if not limit:
            continue
        used = _bytes(documents, exports)
        if used + max(1, more_bytes) > limit * MB:
            left = max(0, limit - used // MB)
            return (
                f"{whose} may take up {limit} MB, and {left} MB of these are left. Files that were "
                "made of them count too. Delete some that you no longer need: after a quarter of "
                "an hour there is room."
            )
    return ""


def note_import(owner: User) -> None:
    """Count that a person brought something in: it counts though it be deleted."""
    try:
        pipe = redis_client().pipeline()
        for account in (str(owner.pk), EVERYBODY):
            pipe.incr(_key(account))
            pipe.expire(_key(account), COUNTED_SECONDS)
        pipe.execute()
    except redis.RedisError:
        return  # the document is there all the same


def _imports_today(account: str) -> int:
    try:
        return int(redis_client().get(_key(account)) or 0)
    except redis.RedisError:
        return 0


def _key(account: str) -> str:
    return f"{PREFIX}:imports:{timezone.localdate().isoformat()}:{account}"


def _limit(own: int | None, usual: int) -> int:
    """Return what holds for a person: their own limit, or that of everybody. 0: none."""
    return usual if own is None else own


def _bytes(documents: DocumentQuerySet, exports: ExportQuerySet) -> int:
    brought = documents.aggregate(total=Sum("source_bytes"))["total"] or 0
    made = exports.aggregate(total=Sum("bytes"))["total"] or 0
    return int(brought + made)
