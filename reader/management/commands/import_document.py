"""Bring in a document from the command line."""

from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.datastructures import MultiValueDict

from reader.forms.documents import DocumentForm
from reader.models import User
from reader.services import growing
from reader.services.documents import add_document
from reader.services.quota import refusal

PIECE_BYTES = 64 * 1024


class Command(BaseCommand):
    help = "Bring in a document and print its uuid."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="PATH_OR_URL")
        parser.add_argument("--user", required=True, metavar="NAME")
        parser.add_argument("--title", default="", metavar="T")
        parser.add_argument(
            "--follow", action="store_true", help="With - as path: read it while it is written."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']!r}.")
        if options["follow"]:
            if options["path"] != "-":
                raise CommandError("--follow is for what comes in: give - as the path.")
            self._follow(user, options["title"])
            return
        data, files = {"title": options["title"], "again": "on"}, {}
        if options["path"].startswith(("http://", "https://")):
            data["url"] = options["path"]
        elif options["path"] == "-":
            data["text"] = sys.stdin.buffer.read().decode("utf-8", "replace")
        else:
            path = Path(options["path"])
            try:
                files["file"] = [SimpleUploadedFile(path.name, path.read_bytes())]
            except OSError as error:
                raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        form = DocumentForm(data, MultiValueDict(files), owner=user)
        if not form.is_valid():
            raise CommandError(
                " ".join(str(words) for errors in form.errors.values() for words in errors)
            )
        document = add_document(
            owner=user,
            title=form.cleaned_data["title"],
            text=form.cleaned_data["text"],
            upload=form.cleaned_data["file"],
            kind=form.kind,
            address=form.cleaned_data["url"],
        )
        self.stdout.write(str(document.uuid))

    def _follow(self, user: User, title: str) -> None:
        """Append what comes in as it comes, until its end."""
        if words := refusal(user):
            raise CommandError(words)
        document = growing.begin_growing(owner=user, title=title)
        self.stdout.write(str(document.uuid))
        self.stdout.flush()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            while piece := os.read(sys.stdin.fileno(), PIECE_BYTES):
                if text := decoder.decode(piece):
                    document.refresh_from_db()
                    growing.append_text(document=document, text=text)
            document.refresh_from_db()
            growing.append_text(document=document, text=decoder.decode(b"", True), finished=True)
        except growing.CannotGrow as error:
            raise CommandError(str(error)) from error
