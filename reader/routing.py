"""WebSocket addresses."""

from django.urls import path

from .consumers.session import ReadingSession

websocket_urlpatterns = [
    path("ws/documents/<uuid:uuid>/", ReadingSession.as_asgi()),
]
