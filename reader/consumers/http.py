"""Reading sessions over HTTP, where sockets are blocked: events go down, messages come up."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET, require_POST

from . import streams

GONE = 410
TOO_MANY = 429


@login_not_required
@require_GET
async def event_stream(request: HttpRequest) -> HttpResponseBase:
    """Answer with a browser's event stream: a new one, or one that goes on ``after`` an event."""
    browser = await _browser(request)
    name, after = request.GET.get("stream"), request.GET.get("after", "0")
    if name is None:
        try:
            stream, number = await streams.open_stream(browser), 0
        except streams.Crowded:
            return HttpResponse(status=TOO_MANY)
    else:
        found = streams.stream_of(browser, name)
        number = int(after) if after.isdecimal() and len(after) < 16 else -1
        if found is None or not found.has_all_after(number):
            return HttpResponse(status=GONE)
        stream = found
    response = StreamingHttpResponse(stream.read(number), content_type="text/event-stream")
    response.headers["Cache-Control"] = "private, no-store, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@login_not_required
@require_POST
async def event_messages(request: HttpRequest) -> HttpResponse:
    """Take what the pages of a browser send."""
    try:
        is_there = await streams.hand_over(await _browser(request), request.body)
    except streams.BadRequest:
        return HttpResponse(status=400)
    except streams.Crowded:
        return HttpResponse(status=TOO_MANY)
    return HttpResponse(status=204 if is_there else GONE)


async def _browser(request: HttpRequest) -> streams.Browser:
    """Return who asks, by which sign-in; nobody gets 404, and other sites' pages too."""
    user = await request.auser()
    if not user.is_authenticated or request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Http404
    headers = request.scope["headers"]  # type: ignore[attr-defined]  # an ASGIRequest
    return streams.Browser(user, str(request.session.session_key or ""), list(headers))
