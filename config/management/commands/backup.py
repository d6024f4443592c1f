"""Write all of an installation to one file, while it runs."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup import backup


class Command(BaseCommand):
    help = "Write database, files and keys to one file (tar.gz), while everything runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        if file.exists():
            raise CommandError(f"{file} is there already. Name another one, or move it away.")
        try:
            rows, files = backup(file)
        except (OSError, tarfile.TarError) as error:
            raise CommandError(f"{file} could not be written: {error}") from error
        self.stdout.write(
            f"{rows} rows and {files} files are in {file}. It holds the keys too: keep it safe."
        )
