"""Make a key for a program from the command line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reader.models import Scope, User
from reader.services.tokens import make_token


class Command(BaseCommand):
    help = "Make a token for the API and print it. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument(
            "--scopes", default=Scope.READ.value, help="Of read, write, speech: with commas."
        )
        parser.add_argument("--name", default="made on the command line")
        parser.add_argument("--days", type=int, help="After so many it expires; else never.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['username']!r}.")
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        unknown = sorted(set(scopes) - set(Scope.values))
        if unknown or not scopes:
            raise CommandError(
                f"The scopes are {', '.join(Scope.values)}; not {', '.join(unknown) or 'none'}."
            )
        days = options["days"]
        if days is not None and not 0 < days <= 36_500:
            raise CommandError("The days must be a number from 1 to 36500.")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        _, key = make_token(
            user=user, name=options["name"][:100], scopes=scopes, expires_at=expires_at
        )
        self.stdout.write(key)
