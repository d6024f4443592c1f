"""Ask the speech engines for their voices."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tts.catalogue import sync_voices
from tts.models import SpeechModel


class Command(BaseCommand):
    help = "Ask every speech model's engine for its voices."

    def handle(self, *args: Any, **options: Any) -> None:
        for model in SpeechModel.objects.filter(enabled=True):
            offered, vanished = sync_voices(model)
            self.stdout.write(f"{model}: {offered} voices, {vanished} switched off")
