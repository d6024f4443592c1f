"""Bring in a document from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.datastructures import MultiValueDict

from reader.forms.documents import DocumentForm
from reader.models import User
from reader.services.documents import add_document


class Command(BaseCommand):
    help = "Bring in a document and print its uuid."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="PATH_OR_URL")
        parser.add_argument("--user", required=True, metavar="NAME")
        parser.add_argument("--title", default="", metavar="T")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']!r}.")
        data, files = {"title": options["title"], "again": "on"}, {}
        if options["path"].startswith(("http://", "https://")):
            data["url"] = options["path"]
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
            upload=form.cleaned_data["file"],
            kind=form.kind,
            address=form.cleaned_data["url"],
        )
        self.stdout.write(str(document.uuid))
