"""The page of the admin that tells how all is, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from tts import synthesis
from tts.demand import breaker
from tts.models import AudioVariant, SpeechModel, Status

from .overview import overview

VIEW, CHANGE = "tts.view_installation", "tts.change_installation"
# So many failed sounds at a press: each is a small transaction of its own.
AT_ONCE = 500


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show every process, what waits and what goes wrong. For staff with the right to view it."""
    may_change = request.user.has_perm(CHANGE)
    if not may_change and not request.user.has_perm(VIEW):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": "Health",
        "may_change": may_change,
        **overview(),
    }
    return TemplateResponse(request, "admin/health.html", context)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Do to a speech model what was pressed. For staff with the right to change it."""
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    do = ACTIONS.get(request.POST.get("do", ""))
    pk = request.POST.get("model", "")
    if do is None or not pk.isdecimal():
        raise Http404
    model = get_object_or_404(SpeechModel, pk=int(pk))
    messages.success(request, f"{model}: {do(model)}")
    return redirect("health")


def nothing(request: HttpRequest, **_: str) -> HttpResponse:
    """Answer that there is no such page."""
    raise Http404


def _pause(model: SpeechModel) -> str:
    SpeechModel.objects.filter(pk=model.pk).update(enabled=False)
    return "paused. Nobody can choose its voices, and it makes nothing, until you resume it."


def _resume(model: SpeechModel) -> str:
    SpeechModel.objects.filter(pk=model.pk).update(enabled=True)
    breaker.reset(model)
    return "resumed. What is wanted of it is made again."


def _try_again(model: SpeechModel) -> str:
    breaker.reset(model)
    count = synthesis.make_again(_failed(model)[:AT_ONCE])
    return f"{count} failed sounds are made again as soon as somebody wants them."


def _clear(model: SpeechModel) -> str:
    count = synthesis.delete(_failed(model)[:AT_ONCE])
    return f"{count} failed sounds were cleared. Whoever wants one has it made anew."


def _failed(model: SpeechModel):  # type: ignore[no-untyped-def]  # a QuerySet of variants
    return AudioVariant.objects.filter(
        voice__speech_model=model, status=Status.ERROR
    ).select_related("voice__speech_model")


ACTIONS: dict[str, Callable[[SpeechModel], str]] = {
    "pause": _pause,
    "resume": _resume,
    "try_again": _try_again,
    "clear": _clear,
}
