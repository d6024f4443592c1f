"""Who may what in the admin."""

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType

from reader.models import Document, Installation, Invitation, Token, Webhook
from tts.models import SpeechModel, Usage, Voice

from .matrix import SIGN_IN, STAFF_SIGN_IN, Row, admin_of, admin_row, any_staff, no_model

MODEL = {"pk": lambda own: SpeechModel.objects.get(model_slug="tone").pk}
NAME = {"name": lambda own: "no-such-voice"}
MODEL_PAGES = "admin/tts/speechmodel/"
CHANGE_MODEL = "tts.change_speechmodel"
SEE_DOCUMENT = "reader.view_document reader.change_document"


def group(own):
    return Group.objects.get_or_create(name="Librarians")[0].pk


def use(own):
    model = SpeechModel.objects.get(model_slug="tone")
    return Usage.objects.get_or_create(account="1", day="2026-01-01", speech_model=model)[0].pk


def installation(own):
    return Installation.objects.get_or_create(pk=1)[0].pk


def invitation(own):
    return Invitation.objects.get_or_create(digest="0" * 64)[0].pk


def unused_voice(own):
    return Voice.objects.get_or_create(
        speech_model=no_model(), voice_slug="unused", defaults={"name": "Unused", "language": "en"}
    )[0].pk


def token(own):
    return Token.objects.get_or_create(user=own.user, digest=f"of {own.user}", name="phone")[0].pk


def webhook(own):
    return Webhook.objects.get_or_create(user=own.user, url="https://told.example/here")[0].pk


ROWS = [
    # For all of the staff, and to become one.
    any_staff("GET", "admin/", 200),
    # Two routes: ours, which answers, and the admin's own.
    Row("GET", "admin/login/", 403, 403, 302, SIGN_IN),
    Row("POST", "admin/login/", 403, 403, 302, SIGN_IN),
    Row("POST", "admin/logout/", 302, 302, 302, STAFF_SIGN_IN),
    Row("GET", "admin/password_change/", 302, 302, 302, SIGN_IN),
    any_staff("GET", "admin/password_change/done/", 200),
    any_staff("GET", "admin/jsi18n/", 200),
    any_staff("GET", "admin/autocomplete/", 403),  # nothing here is found by it
    any_staff("GET", r"admin/^(?P<app_label>auth|tts|reader)/$", 200, address="/admin/reader/"),
    any_staff("GET", r"admin/(?P<url>.*)$", 404, address="/admin/nothing/"),
    # It would tell the address of a document to staff who may see none.
    any_staff("GET", "admin/r/<path:content_type_id>/<path:object_id>/", 404, nobody=SIGN_IN, ids={
        "content_type_id": lambda own: ContentType.objects.get_for_model(Document).pk,
        "object_id": lambda own: own.document.pk,
    }),
    # How all is, and what is done about it.
    admin_row("GET", "admin/health/", "tts.view_installation tts.change_installation", 200),
    admin_row(
        "POST",
        "admin/health/act/",
        "tts.change_installation",
        302,
        data=lambda: {"do": "pause", "model": SpeechModel.objects.get(model_slug="tone").pk},
    ),
    # Sounds.
    *admin_of("admin/tts/audiovariant/", lambda own: own.variant.pk, add=403, save=403),
    admin_row("GET", "admin/tts/audiovariant/<uuid:variant_id>/sound/<int:revision>/",
              "tts.view_audiovariant", 200),
    # Speech models and voices.
    *admin_of("admin/tts/speechmodel/", lambda own: no_model().pk),
    admin_row("GET", f"{MODEL_PAGES}<int:pk>/connection/", CHANGE_MODEL, 200, ids=MODEL),
    admin_row("POST", f"{MODEL_PAGES}<int:pk>/connection/", CHANGE_MODEL, 200, ids=MODEL),
    admin_row("GET", f"{MODEL_PAGES}<int:pk>/voices/", CHANGE_MODEL, 302, ids=MODEL),
    admin_row("POST", f"{MODEL_PAGES}<int:pk>/voices/", CHANGE_MODEL, 302, ids=MODEL),
    admin_row("GET", f"{MODEL_PAGES}connection/<uuid:token>/", CHANGE_MODEL, 404,
              ids={"token": lambda own: own.document.uuid}),  # there was no test
    admin_row("GET", f"{MODEL_PAGES}get-voices/", "tts.add_voice", 200),
    admin_row("POST", f"{MODEL_PAGES}get-voices/get/", "tts.add_voice", 302, data={"name": "x"}),
    admin_row("POST", f"{MODEL_PAGES}get-voices/delete/", "tts.add_voice", 302, data={"name": "x"}),
    admin_row("GET", f"{MODEL_PAGES}get-voices/sample/<str:name>/", "tts.add_voice", 404, ids=NAME),
    admin_row("GET", f"{MODEL_PAGES}get-voices/card/<str:name>/", "tts.add_voice", 404, ids=NAME),
    *admin_of("admin/tts/voice/", unused_voice),
    *admin_of("admin/tts/usage/", use, add=403, save=403),
    # Accounts: how they are made. Nobody changes an invitation.
    *admin_of(
        "admin/reader/installation/", installation, add=403, save=302, delete=403, deleted=403
    ),
    *admin_of("admin/reader/invitation/", invitation, save=403),
    # Documents: they come from their owners.
    *admin_of("admin/reader/document/", lambda own: own.document.pk, add=403, save=302),
    admin_row("GET", "admin/reader/document/<int:pk>/blocks/", SEE_DOCUMENT, 200,
              ids={"pk": lambda own: own.document.pk}),
    # People.
    *admin_of("admin/reader/user/", lambda own: own.user.pk, with_rights="reader.change_user",
              delete=200, deleted=403),  # their documents go too, which is a right of its own
    admin_row("GET", "admin/reader/user/<id>/password/", "reader.change_user", 200,
              ids={"id": lambda own: own.user.pk}),
    admin_row("POST", "admin/reader/user/<id>/password/", "reader.change_user", 200,
              ids={"id": lambda own: own.user.pk}),
    *(
        admin_row(method, "admin/reader/user/<int:pk>/recover/", "reader.change_user", 200,
                  ids={"pk": lambda own: own.user.pk})
        for method in ("GET", "POST")
    ),
    *admin_of("admin/auth/group/", group),
    # What programs may do, and who is told: people make that themselves.
    *admin_of("admin/reader/token/", token, add=403, save=403),
    *admin_of("admin/reader/webhook/", webhook, add=403, save=403),
]  # fmt: skip
