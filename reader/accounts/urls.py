"""Addresses of accounts. Their names are those that django-allauth asks for."""

from allauth.account import views as allauth
from allauth.socialaccount import views as connected
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from . import data, personal, views

urlpatterns = [
    path("", personal.account, name="account"),
    path("login/", views.sign_in, name="account_login"),
    path("first/<slug:token>/", views.first_sign_in, name="first_sign_in"),
    path("logout/", views.sign_out, name="account_logout"),
    path("signup/", views.sign_up, name="account_signup"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("invitation/<slug:secret>/", views.invitation, name="invitation"),
    path("invitations/", personal.invitations_page, name="invitations"),
    path(
        "invitations/<int:pk>/withdraw/", personal.invitation_withdraw, name="invitation_withdraw"
    ),
    path("password_change/", views.password_change, name="account_change_password"),
    path("password_change/done/", views.password_change_done, name="password_change_done"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("email/", views.address, name="account_email"),
    path(
        "confirm-email/",
        allauth.email_verification_sent,
        name="account_email_verification_sent",
    ),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$", allauth.confirm_email, name="account_confirm_email"
    ),
    path("data/", data.data, name="account_data"),
    path("delete/", data.delete, name="account_delete"),
    path("deleted/", data.deleted, name="account_deleted"),
    path("connections/", connected.connections, name="socialaccount_connections"),
    path("connections/cancelled/", connected.login_cancelled, name="socialaccount_login_cancelled"),
    path("oidc/<slug:provider_id>/login/", views.to_provider, name="openid_connect_login"),
    path(
        "oidc/<slug:provider_id>/login/callback/",
        views.from_provider,
        name="openid_connect_callback",
    ),
    path("sessions/", personal.sessions, name="usersessions_list"),
    # One page has all of it.
    path("2fa/", RedirectView.as_view(pattern_name="account"), name="mfa_index"),
    path("2fa/webauthn/", RedirectView.as_view(pattern_name="account")),
    path("2fa/authenticate/", views.second_factor, name="mfa_authenticate"),
    path("2fa/", include("allauth.mfa.urls")),
]
