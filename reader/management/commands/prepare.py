"""Make a new installation ready: voices, the first person, a sample document."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reader.management.sample import SAMPLE_TEXT, SAMPLE_TITLE
from reader.models import Installation, User
from reader.services.documents import add_document
from reader.services.first_sign_in import FIRST_USER, link_path
from tts import belonging
from tts.models import Voice
from tts.voices.catalogue import add_embedded_models, add_server_model, sync_voice_files

# Older installations were given one.
PASSWORD_FILE = "first-sign-in"


class Command(BaseCommand):
    help = "Add the embedded voices and, in a new installation, a first user and a sample document."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--address", default="http://127.0.0.1:8000/", help="Where the pages are served."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            belonging.check()
        except belonging.Stranger as error:
            raise CommandError(str(error)) from error
        add_embedded_models()
        sync_voice_files()
        add_server_model()
        self._check_default_voice()
        Installation.objects.get_or_create(pk=1)
        if not User.objects.exists():
            self._add_first_user()
        self._print_sign_in(options["address"])

    def _check_default_voice(self) -> None:
        if not Voice.objects.all().default():
            models = Voice.objects.usable().values_list("speech_model__model_slug", flat=True)
            raise CommandError(
                f"DEFAULT_VOICE is {settings.DEFAULT_VOICE!r}, and there is no such voice. "
                f"It is written model/voice, such as hibari/heart; the models here are: "
                f"{', '.join(sorted(set(models)))}."
            )

    def _add_first_user(self) -> None:
        user = User.objects.create_superuser(username=FIRST_USER)
        add_document(owner=user, title=SAMPLE_TITLE, text=SAMPLE_TEXT)

    def _print_sign_in(self, address: str) -> None:
        """Print a link for the first person until it was used, and then how to sign in."""
        if path := link_path():
            link = f"{address.rstrip('/')}{path}"
            self.stdout.write(f"Sign in as {FIRST_USER}, once, by this link: {link}")
            return
        self.stdout.write("Sign in with your own name and password.")
        if (file := settings.DATA_DIR / PASSWORD_FILE).exists():
            self.stdout.write(
                f"The first password of {FIRST_USER} is in {file}. Choose another one in the "
                "settings, then delete that file."
            )
        elif any(not user.has_usable_password() for user in User.objects.filter(is_superuser=True)):
            command = f"manage.py changepassword {FIRST_USER}"
            self.stdout.write(f"No password was chosen yet? On this machine: {command}")
