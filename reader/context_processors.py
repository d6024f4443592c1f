"""What every template may say about this installation."""

from django.conf import settings
from django.http import HttpRequest

from .services.doors import is_sign_up_open


def installation(request: HttpRequest) -> dict[str, object]:
    return {"signup_open": is_sign_up_open, "max_upload_mb": settings.MAX_UPLOAD_MB}
