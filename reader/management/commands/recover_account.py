"""Let somebody in again who has lost everything, from the machine that Lectern runs on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reader.models import User
from reader.services.recovery import recovery_path


class Command(BaseCommand):
    help = "Print a link by which a person chooses a new password. It works once, for a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument(
            "--remove-second-factor",
            action="store_true",
            help="Take their passkeys, authenticator app and recovery codes away.",
        )
        parser.add_argument(
            "--address", default="http://127.0.0.1:8000/", help="Where the pages are served."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['username']!r}.")
        if not user.is_active:
            raise CommandError(f"The account of {user} is closed. Open it in the admin first.")
        path = recovery_path(
            user=user, without_second_factor=options["remove_second_factor"], by="command line"
        )
        # With FORCE_SCRIPT_NAME the path begins with it, whatever the address ends in.
        below = settings.FORCE_SCRIPT_NAME or ""
        self.stdout.write(options["address"].rstrip("/").removesuffix(below) + path)
