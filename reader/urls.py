"""Addresses of the pages and the sounds."""

from django.contrib.auth import views as auth
from django.urls import path

from . import views

urlpatterns = [
    path("", views.library, name="library"),
    path("documents/new/", views.document_new, name="document_new"),
    path("documents/<uuid:uuid>/", views.document, name="document"),
    path("documents/<uuid:uuid>/blocks/", views.blocks, name="blocks"),
    path("documents/<uuid:uuid>/pictures/<slug:name>/", views.picture, name="picture"),
    path("documents/<uuid:uuid>/speech/", views.document_speech, name="document_speech"),
    path("documents/<uuid:uuid>/speech/<int:idx>/", views.block_speech, name="block_speech"),
    path("documents/<uuid:uuid>/stop/", views.import_stop, name="import_stop"),
    path("documents/<uuid:uuid>/prepare/", views.preparation_start, name="preparation_start"),
    path("documents/<uuid:uuid>/prepare/stop/", views.preparation_stop, name="preparation_stop"),
    path("documents/<uuid:uuid>/delete/", views.document_delete, name="document_delete"),
    path("audio/<uuid:variant_id>/<int:revision>/", views.audio, name="audio"),
    path("audio/<uuid:variant_id>/<int:revision>/marks/", views.marks, name="marks"),
    path(
        "voices/<slug:model_slug>/<slug:voice_slug>/preview/",
        views.voice_preview,
        name="voice_preview",
    ),
    path("settings/", views.preferences_page, name="preferences_page"),
    path("settings/words/", views.lexicon, name="lexicon"),
    path("settings/words/<int:pk>/delete/", views.lexicon_delete, name="lexicon_delete"),
    path("settings/use/", views.use_page, name="use_page"),
    path("preferences/", views.preferences, name="preferences"),
    path(
        "accounts/login/",
        auth.LoginView.as_view(redirect_authenticated_user=True),
        name="login",
    ),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("accounts/signup/", views.signup, name="signup"),
    path("accounts/password_change/", auth.PasswordChangeView.as_view(), name="password_change"),
    path(
        "accounts/password_change/done/",
        auth.PasswordChangeDoneView.as_view(),
        name="password_change_done",
    ),
]
