"""Addresses of the pages and the sounds."""

from django.contrib.auth import views as auth
from django.urls import path

from .api import site
from .consumers import http
from .forms.people import PasswordForm
from .views import (
    annotations,
    blocks,
    chapters,
    library,
    people,
    preparations,
    reading,
    sounds,
    speech,
    tokens,
    voices,
)

urlpatterns = [
    path("", library.library, name="library"),
    path("api/v1/", site.urls),
    path("documents/new/", library.document_new, name="document_new"),
    path("documents/<uuid:uuid>/", reading.document, name="document"),
    path("documents/<uuid:uuid>/blocks/", blocks.blocks, name="blocks"),
    path("documents/<uuid:uuid>/index/", blocks.block_index, name="block_index"),
    path("documents/<uuid:uuid>/pictures/<slug:name>/", blocks.picture, name="picture"),
    path("documents/<uuid:uuid>/speech/", speech.document_speech, name="document_speech"),
    path("documents/<uuid:uuid>/speech/<int:idx>/", speech.block_speech, name="block_speech"),
    path("documents/<uuid:uuid>/speech/<int:idx>/word/", speech.say_word, name="say_word"),
    path("documents/<uuid:uuid>/annotations/", annotations.marked, name="annotations"),
    path("documents/<uuid:uuid>/annotations/<int:pk>/", annotations.annotation, name="annotation"),
    path(
        "documents/<uuid:uuid>/annotations.md",
        annotations.annotations_export,
        name="annotations_export",
    ),
    path("annotations.md", annotations.annotations_export_all, name="annotations_export_all"),
    path("documents/again/", library.read_all_again, name="read_all_again"),
    path("documents/<uuid:uuid>/again/", library.document_read_again, name="document_read_again"),
    path("documents/<uuid:uuid>/stop/", library.import_stop, name="import_stop"),
    path("documents/<uuid:uuid>/prepare/", preparations.start, name="preparation_start"),
    path(
        "documents/<uuid:uuid>/prepare/stop/",
        preparations.stop,
        name="preparation_stop",
    ),
    path("documents/<uuid:uuid>/fold/", chapters.fold, name="fold"),
    path("documents/<uuid:uuid>/delete/", library.document_delete, name="document_delete"),
    path("documents/<uuid:uuid>/restore/", library.document_restore, name="document_restore"),
    path("documents/<uuid:uuid>/rename/", library.document_rename, name="document_rename"),
    path("events/", http.event_stream, name="event_stream"),
    path("events/messages/", http.event_messages, name="event_messages"),
    path("audio/<uuid:variant_id>/<int:revision>/", sounds.audio, name="audio"),
    path("audio/<uuid:variant_id>/<int:revision>/marks/", sounds.marks, name="marks"),
    path(
        "voices/<slug:model_slug>/<slug:voice_slug>/preview/",
        sounds.voice_preview,
        name="voice_preview",
    ),
    path(
        "voices/<slug:model_slug>/<slug:voice_slug>/favourite/",
        voices.favourite,
        name="voice_favourite",
    ),
    path("voices/offered/", voices.offered, name="voice_offered"),
    path("settings/voices/<slug:language>/forget/", voices.language_forget, name="language_forget"),
    path("settings/", people.preferences_page, name="preferences_page"),
    path("settings/words/", people.lexicon, name="lexicon"),
    path("settings/words/<int:pk>/delete/", people.lexicon_delete, name="lexicon_delete"),
    path("settings/sounds/", people.kept_sounds, name="kept_sounds"),
    path("settings/use/", people.use_page, name="use_page"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/delete/", tokens.token_delete, name="token_delete"),
    path("preferences/", people.preferences, name="preferences"),
    path("preferences/look/", people.look, name="look"),
    path("accounts/login/", people.SignIn.as_view(), name="login"),
    path("accounts/first/<slug:token>/", people.first_sign_in, name="first_sign_in"),
    path("accounts/logout/", people.sign_out, name="logout"),
    path("accounts/signup/", people.signup, name="signup"),
    path(
        "accounts/password_change/",
        auth.PasswordChangeView.as_view(form_class=PasswordForm),
        name="password_change",
    ),
    path(
        "accounts/password_change/done/",
        auth.PasswordChangeDoneView.as_view(),
        name="password_change_done",
    ),
]
