"""The figures of an installation for Prometheus: to whoever has the token, or asks from here."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from reader.models import Document
from tts.demand import figures
from tts.models import AudioVariant, Status

from .views import recent_parts


@login_not_required
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all figures; to anyone else it is as if they were not there."""
    if not _may_see(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type="text/plain; version=0.0.4")


def _may_see(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    # What a proxy passes on comes from here too.
    is_passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded"))
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # a socket of this machine's own
        return not is_passed_on and not settings.BEHIND_TLS
    return address.is_loopback and not is_passed_on and not settings.BEHIND_TLS


class _Figures:
    """Looked up when they are asked for: those of all processes, not of this one."""

    def collect(self) -> Iterable[Metric]:
        parts = recent_parts()
        up = GaugeMetricFamily("lectern_part_up", "Whether a part works.", labels=["part"])
        for name, part in parts.items():
            up.add_metric([name], int(part.ok))
        yield up
        if "queues" in parts:
            length = GaugeMetricFamily(
                "lectern_queue_length", "Messages that wait.", labels=["queue"]
            )
            oldest = GaugeMetricFamily(
                "lectern_queue_oldest_seconds", "For how long the oldest waits.", labels=["queue"]
            )
            for queue, figures in parts["queues"].figures.items():
                length.add_metric([queue], figures["length"])
                oldest.add_metric([queue], figures["oldest_seconds"] or 0)
            yield from (length, oldest)
        if parts["redis"].ok:
            yield _this_hour()
        if parts["database"].ok:
            yield from _rows()


def _this_hour() -> Metric:
    """What the admin's page about health shows of the last day, of the hour that it is."""
    counted = GaugeMetricFamily("lectern_this_hour", "Counted in this hour.", labels=["what"])
    *_, hour = figures.last_day()
    for name in figures.COUNTED:
        counted.add_metric([name], hour.count(name))
    return counted


def _rows() -> Iterable[Metric]:
    sounds = GaugeMetricFamily("lectern_sounds", "Sounds by status.", labels=["status"])
    counted = AudioVariant.objects.order_by().values_list("status")
    counts = dict(counted.annotate(count=Count("pk")))
    for status in Status.values:
        sounds.add_metric([status], counts.get(status, 0))
    yield sounds
    stored = AudioVariant.objects.aggregate(total=Sum("bytes"))["total"] or 0
    yield GaugeMetricFamily("lectern_sound_bytes", "Stored sound.", value=stored)
    documents = GaugeMetricFamily("lectern_documents", "Documents by status.", labels=["status"])
    by_status = dict(Document.objects.order_by().values_list("status").annotate(count=Count("pk")))
    for status in Document.Status.values:
        documents.add_metric([status], by_status.get(status, 0))
    yield documents
    first = Document.objects.importing().aggregate(first=Min("created_at"))["first"]
    waits = (timezone.now() - first).total_seconds() if first else 0
    yield GaugeMetricFamily(
        "lectern_import_oldest_seconds", "For how long the oldest import goes on.", value=waits
    )
