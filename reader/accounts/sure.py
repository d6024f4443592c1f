"""What only the person may do, not whoever found their browser open."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from ..views.access import person

View = Callable[..., HttpResponseBase]
FRESH_SECONDS = 300


def for_the_person_alone(view: View) -> View:
    """Ask for the password, a passkey or a code first; who has none of these signs in anew."""
    asked = reauthentication_required(view)

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if get_adapter().get_reauthentication_methods(person(request)):
            answer: HttpResponseBase = asked(request, *args, **kwargs)
            return answer
        if is_fresh(request):
            return view(request, *args, **kwargs)
        return render(request, "account/sign_in_anew.html", status=403)

    return wrapper


def is_fresh(request: HttpRequest) -> bool:
    """Whether somebody signed in just now."""
    records = get_authentication_records(request, person(request))
    return bool(records) and time.time() - records[-1]["at"] < FRESH_SECONDS
