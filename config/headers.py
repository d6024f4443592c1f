"""Headers of answers that do not pass through Django's middleware."""

from wsgiref.headers import Headers


def add_static_headers(headers: Headers, path: str, url: str) -> None:
    """Set on a static file what the security middleware sets on a page."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
