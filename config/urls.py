"""All addresses."""

from django.contrib import admin
from django.urls import include, path

from .health import views as health

admin.site.site_header = admin.site.site_title = "Lectern"

handler400 = "config.errors.bad_request"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("reader.urls")),
]
