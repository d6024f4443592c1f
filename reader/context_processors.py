"""What every template may say about this installation."""

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, object]:
    return {"signup_open": settings.SIGNUP_OPEN, "max_upload_mb": settings.MAX_UPLOAD_MB}
