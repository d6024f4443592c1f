"""Ask the speech engines for their voices."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tts.models import SpeechModel
from tts.speech import SpeechError
from tts.voices.catalogue import sync_voice_files, sync_voices


class Command(BaseCommand):
    help = "Ask every speech model's engine for its voices."

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        sync_voice_files()  # the first file brings a speech model of its own
        for model in SpeechModel.objects.filter(enabled=True):
            try:
                self.stdout.write(f"{model}: {sync_voices(model)}.")
            except (SpeechError, LookupError) as error:
                failed += 1
                advice = getattr(error, "advice", "")
                self.stderr.write(f"{model}: {error} {advice}".rstrip())
        if failed:
            raise CommandError(f"{failed} of the speech models did not give their voices.")
