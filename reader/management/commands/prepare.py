"""Make a new installation ready: voices, the first person, a sample document."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reader.management.sample import SAMPLE_TEXT, SAMPLE_TITLE
from reader.models import User
from reader.services.documents import add_document
from tts import belonging
from tts.models import Voice
from tts.voices.catalogue import add_embedded_models, add_server_model, sync_voice_files

FIRST_USER = "reader"
PASSWORD_FILE = "first-sign-in"


class Command(BaseCommand):
    help = "Add the embedded voices and, in a new installation, a first user and a sample document."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            belonging.check()
        except belonging.Stranger as error:
            raise CommandError(str(error)) from error
        add_embedded_models()
        sync_voice_files()
        add_server_model()
        self._check_default_voice()
        if not User.objects.exists():
            self._add_first_user()
        self._print_sign_in()

    def _check_default_voice(self) -> None:
        if not Voice.objects.all().default():
            models = Voice.objects.usable().values_list("speech_model__model_slug", flat=True)
            raise CommandError(
                f"DEFAULT_VOICE is {settings.DEFAULT_VOICE!r}, and there is no such voice. "
                f"It is written model/voice, such as hibari/heart; the models here are: "
                f"{', '.join(sorted(set(models)))}."
            )

    def _add_first_user(self) -> None:
        password = secrets.token_urlsafe(9)
        path = settings.DATA_DIR / PASSWORD_FILE
        path.touch(mode=0o600)
        path.write_text(password)
        user = User.objects.create_superuser(username=FIRST_USER, password=password)
        add_document(owner=user, title=SAMPLE_TITLE, text=SAMPLE_TEXT)

    def _print_sign_in(self) -> None:
        """Print the first user's sign-in for as long as its first password holds."""
        path = settings.DATA_DIR / PASSWORD_FILE
        user = User.objects.filter(username=FIRST_USER).first()
        if user and path.exists():
            password = path.read_text()
            if user.check_password(password):
                self.stdout.write(f"Sign in as {FIRST_USER} with the password {password}")
                return
            path.unlink()
        self.stdout.write("Sign in with your own name and password.")
