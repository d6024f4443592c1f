"""Make a file of a document from the command line."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reader.exporting import job
from reader.exporting.writers import KINDS
from reader.models import Document, Export
from reader.services.exports import ExportRefused, begin_export, delete_export
from tts.models import Voice

LOOK_SECONDS = 0.2


class Command(BaseCommand):
    help = "Make a file of a document: an audiobook, a read-along book, subtitles, its text."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("uuid", metavar="UUID")
        parser.add_argument("--kind", required=True, choices=sorted(KINDS))
        parser.add_argument("--voice", default="", metavar="MODEL/VOICE")
        parser.add_argument("--output", required=True, type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        document = self._document(options["uuid"])
        try:
            export = begin_export(
                document=document,
                person=document.owner,
                kind=options["kind"],
                voice=self._voice(options["voice"], document),
            )
        except ExportRefused as refused:
            raise CommandError(str(refused)) from refused
        try:
            self._follow(export)
            self._copy(export, options["output"])
        finally:
            delete_export(export=export)

    def _document(self, uuid: str) -> Document:
        try:
            found = Document.objects.present().select_related("owner").filter(uuid=UUID(uuid))
        except ValueError:
            raise CommandError(f"{uuid!r} is not the uuid of a document.") from None
        document = found.first()
        if document is None:
            raise CommandError(f"There is no document {uuid}.")
        return document

    def _voice(self, name: str, document: Document) -> Voice | None:
        if not name:
            return Voice.objects.all().default()
        model_slug, _, voice_slug = name.partition("/")
        voice = Voice.objects.by_slugs(model_slug, voice_slug, str(document.uuid)).first()
        if voice is None:
            raise CommandError(f"There is no voice {name!r}. It is written model/voice.")
        return voice

    def _follow(self, export: Export) -> None:
        """Make it here; a worker that takes a turn of it helps. Raises CommandError."""
        told = -1
        while True:
            export = Export.objects.select_related("document", "owner").get(pk=export.pk)
            if (percent := int(export.progress * 100)) > told and self._verbosity:
                told = percent
                self.stderr.write(f"{percent} %")
            if not export.is_under_way:
                break
            if not job.run(export):
                time.sleep(LOOK_SECONDS)
        if export.status != Export.Status.DONE:
            raise CommandError(export.error)
        if export.error:
            self.stderr.write(export.error)

    def _copy(self, export: Export, output: Path) -> None:
        export.refresh_from_db()
        try:
            with default_storage.open(str(export.file.name)) as made, output.open("wb") as file:
                shutil.copyfileobj(made, file)
        except OSError as error:
            output.unlink(missing_ok=True)
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        self.stdout.write(str(output))

    _verbosity = 1

    def execute(self, *args: Any, **options: Any) -> str | None:
        self._verbosity = options["verbosity"]
        return super().execute(*args, **options)
