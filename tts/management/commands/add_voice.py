"""Get a voice from a catalogue."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tts.getting import downloads, installed
from tts.getting.catalogues import offer_named
from tts.getting.transfer import TransferFailed
from tts.models import VoiceDownload

ADVICE = "Without a network, copy its files by hand: docs/voices.md tells how."


class Command(BaseCommand):
    help = "Get voices by their names, such as de_DE-thorsten-medium (Piper) or emma (hibari)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="+", metavar="NAME")
        parser.add_argument(
            "--again", action="store_true", help="Get it though it is here already."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for name in options["names"]:
            self._add(name, again=options["again"])

    def _add(self, name: str, *, again: bool) -> None:
        try:
            offer = offer_named(name)
        except (LookupError, TransferFailed) as error:
            raise CommandError(f"{error.args[0]} {ADVICE}") from error
        if offer.name in installed.names() and not again:
            self.stdout.write(f"{offer.name} is here already.")
            return
        download = downloads.ask_for(offer)
        self.stdout.write(f"{offer.name}: {offer.size / 1e6:.1f} MB")

        def tell() -> None:
            self.stdout.write(f"{download.percent} %")

        while downloads.run(download, tell):
            pass
        download.refresh_from_db()
        if download.status == VoiceDownload.Status.RUNNING:
            raise CommandError(f"{offer.name} is being fetched already: see the admin.")
        if download.status != VoiceDownload.Status.DONE:
            raise CommandError(f"{download.error} {ADVICE}")
        self.stdout.write(f"{offer.name} is here, and in everyone's picker.")
