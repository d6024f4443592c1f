"""Is it alive, and can it do its work?"""

from __future__ import annotations

import threading
import time

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import checks

# Whoever asks again within that time is told the same: looking costs something, and anyone may ask.
SAME_ANSWER_SECONDS = 1.0

_lock = threading.Lock()
_answers: dict[str, tuple[float, dict[str, checks.Part]]] = {}


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
    """Answer for each part whether it works, and in words; 503 when one does not."""
    parts = recent_parts()
    ready = all(part.ok for part in parts.values())
    answer: dict[str, object] = {name: part.ok for name, part in parts.items()}
    answer["details"] = {
        name: {"words": part.words, **part.figures} for name, part in parts.items()
    }
    return JsonResponse(answer, status=200 if ready else 503, json_dumps_params={"indent": 1})


def recent_parts() -> dict[str, checks.Part]:
    """Return how each part is, as it was a moment ago."""
    with _lock:
        looked_at, parts = _answers.get("", (0.0, {}))
        if not parts or time.monotonic() - looked_at > SAME_ANSWER_SECONDS:
            parts = checks.all_parts()
            _answers[""] = (time.monotonic(), parts)
        return parts


def forget() -> None:
    """Look anew at the next question."""
    _answers.clear()
