"""Celery entry points."""

from celery import shared_task

from . import synthesis
from .models import AudioVariant, SpeechModel
from .voices import catalogue


@shared_task
def take_turn(model_id: int, passed: int = 0) -> None:
    """Make what this speech model should make next."""
    model = SpeechModel.objects.filter(pk=model_id, enabled=True).first()
    if model:
        synthesis.take_turn(model, passed)


@shared_task
def align(variant_id: str) -> None:
    """Find when the words of a sound are heard."""
    from . import aligning  # NumPy's memory is for who needs it

    variant = AudioVariant.objects.select_related("voice").filter(pk=variant_id).first()
    if variant:
        aligning.align(variant)


@shared_task
def recover_alignments() -> None:
    """Send lost alignments again."""
    synthesis.recover_alignments()


@shared_task
def recover_speech() -> None:
    """Give back expired leases and send lost turns again."""
    synthesis.recover()


@shared_task
def sync_voice_files() -> None:
    """Bring in voice files that were put into their folder, or taken out."""
    catalogue.sync_voice_files()
