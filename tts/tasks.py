"""Celery entry points."""

from celery import shared_task

from . import synthesis
from .models import SpeechModel


@shared_task
def take_turn(model_id: int) -> None:
    """Make what this speech model should make next."""
    model = SpeechModel.objects.filter(pk=model_id, enabled=True).first()
    if model:
        synthesis.take_turn(model)


@shared_task
def recover_speech() -> None:
    """Give back expired leases and send lost turns again."""
    synthesis.recover()
