"""The feeds that a person follows."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..forms.shelving import SubscriptionForm
from ..models import Subscription
from ..subscribing import following
from .access import person

MOST_OPML_BYTES = 1024 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
def subscriptions(request: HttpRequest) -> HttpResponse:
    """Show the feeds, and follow one more, or those of an OPML file."""
    user = person(request)
    form = SubscriptionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            if upload := form.cleaned_data["file"]:
                count = following.from_opml(owner=user, data=upload.read(MOST_OPML_BYTES))
                messages.success(request, f"{count} feed{'' if count == 1 else 's'} followed.")
            else:
                feed = following.follow(owner=user, address=form.cleaned_data["address"])
                messages.success(request, f"“{feed}” is followed. Its latest articles are coming.")
            return redirect("subscriptions")
        except following.NotFollowed as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "subscriptions": Subscription.objects.filter(owner=user).select_related("collection"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "reader/subscriptions.html", context, status=status)


@require_POST
def subscription_delete(request: HttpRequest, pk: int) -> HttpResponse:
    feed = get_object_or_404(Subscription, owner=person(request), pk=pk)
    following.unfollow(feed)
    messages.success(request, f"“{feed}” is followed no longer. What came of it stays.")
    return redirect("subscriptions")


@require_safe
def opml(request: HttpRequest) -> HttpResponse:
    """Answer with the list, as other readers take it."""
    content = following.as_opml(Subscription.objects.filter(owner=person(request)))
    response = HttpResponse(content, content_type="text/x-opml; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="lectern-feeds.opml"'
    return response
