"""The addresses that a person wants to be told when something is done."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ..forms.programs import WebhookForm
from ..models import Delivery
from ..services.webhooks import add_webhook, remove_webhook, try_webhook
from .access import person

SHOWN_DELIVERIES = 5


@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the addresses, and add one. Its secret is in this one answer, and nowhere else."""
    user = person(request)
    form, secret, status = WebhookForm(request.POST or None, user=user), "", 200
    if form.is_valid():
        _, secret = add_webhook(
            user=user, url=form.cleaned_data["url"], events=form.cleaned_data["events"]
        )
        form, status = WebhookForm(user=user), 201
    elif request.method == "POST":
        status = 422
    hooks = [
        {"hook": hook, "deliveries": hook.deliveries.all()[:SHOWN_DELIVERIES]}
        for hook in user.webhooks.all()
    ]
    context = {"form": form, "secret": secret, "hooks": hooks}
    return render(request, "reader/webhooks.html", context, status=status)


@require_POST
def webhook_delete(request: HttpRequest, pk: int) -> HttpResponse:
    remove_webhook(webhook=get_object_or_404(person(request).webhooks, pk=pk))
    messages.success(request, "This address is told nothing any more.")
    return redirect("webhooks")


@require_POST
def webhook_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell an address something at once, and say how that went."""
    delivery = try_webhook(webhook=get_object_or_404(person(request).webhooks, pk=pk))
    if delivery.status == Delivery.Status.DONE:
        messages.success(request, "It was told, and took it.")
    else:
        messages.error(request, f"It was not reached. {delivery.error}")
    return redirect("webhooks")
