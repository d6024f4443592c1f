"""What was made on whose account."""

from __future__ import annotations

from django.db import models

from .voices import SpeechModel


class Usage(models.Model):
    """What a speech model made on one account in one day (in UTC)."""

    account = models.CharField(max_length=64, help_text="On whose account it was made.")
    speech_model = models.ForeignKey(SpeechModel, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    sounds = models.PositiveIntegerField(default=0)
    characters = models.PositiveBigIntegerField(default=0)
    milliseconds = models.PositiveBigIntegerField(default=0)
    cost = models.DecimalField(max_digits=16, decimal_places=6, default=0)

    class Meta:
        ordering = ["-day", "account", "speech_model"]
        verbose_name_plural = "usage"
        constraints = [
            models.UniqueConstraint(
                fields=["day", "account", "speech_model"], name="one_usage_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} on {self.day}: {self.characters} characters"
