"""All addresses."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from reader.accounts.views import staff_sign_in

from .health import page as health_page
from .health import views as health
from .health.metrics import metrics

admin.autodiscover()
admin.site.site_header = admin.site.site_title = "Lectern"

handler400 = "config.errors.bad_request"

urlpatterns = [
    # One page for each, which counts guesses, and asks for the second factor.
    path("admin/login/", staff_sign_in),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    # It would tell staff who may see no document the address of each.
    path(
        "admin/r/<path:content_type_id>/<path:object_id>/",
        admin.site.admin_view(health_page.nothing),
    ),
    path("admin/health/", admin.site.admin_view(health_page.page), name="health"),
    path("admin/health/act/", admin.site.admin_view(health_page.act), name="health_act"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics),
    path("", include("reader.urls")),
]
