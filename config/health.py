"""Is it alive, and can it do its work?"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tts.connections import redis_client

from .celery import app

WORKER_ANSWERS_WITHIN = 1.0


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that this process is alive."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer for each part whether it works; 503 when one does not."""
    parts = {name: _works(check) for name, check in CHECKS.items()}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _works(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # whatever it is, it is not ready; the details are for the log, not here
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _redis() -> bool:
    return bool(redis_client().ping())


def _storage() -> bool:
    name = default_storage.save(f"readyz/{uuid.uuid4().hex}", ContentFile(b"ok"))
    default_storage.delete(name)
    return True


def _workers() -> bool:
    return bool(app.control.ping(timeout=WORKER_ANSWERS_WITHIN, limit=1))


CHECKS = {"database": _database, "redis": _redis, "storage": _storage, "workers": _workers}
