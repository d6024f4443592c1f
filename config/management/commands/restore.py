"""Bring an installation back from a backup."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup import BadBackup, restore
from config.health import heartbeats
from reader.models import User
from tts import belonging


class Command(BaseCommand):
    help = "Bring database, files and keys back from a backup, into an empty installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace",
            action="store_true",
            help="delete what this installation has: people, documents, sounds, everything",
        )

    def handle(self, *, file: Path, replace: bool, **options: Any) -> None:
        refuse_while_it_runs()
        call_command("migrate", verbosity=0)
        if User.objects.exists() and not replace:
            raise CommandError(
                "This installation is not empty, and would be lost. Name another DATA_DIR and "
                "database, or say --replace."
            )
        call_command("flush", interactive=False, verbosity=0)
        try:
            rows, files = restore(file)
        except BadBackup as error:
            raise CommandError(str(error)) from error
        except (OSError, tarfile.TarError) as error:
            raise CommandError(f"{file} cannot be read as a backup: {error}") from error
        # What waits in the Redis of `make run` is of the former installation; all that is owed
        # stands in the database.
        shutil.rmtree(settings.DATA_DIR / "redis", ignore_errors=True)
        belonging.claim()
        self.stdout.write(f"{rows} rows and {files} files are back. Lectern can be started.")


def refuse_while_it_runs() -> None:
    try:
        running = [each.kind for each in heartbeats.all_heartbeats() if each.is_fresh]
    except redis.RedisError:
        return  # it is not there: nothing can run
    if running:
        raise CommandError(
            f"Lectern runs ({', '.join(sorted(set(running)))}). Stop it first: what it writes "
            "meanwhile would be lost."
        )
