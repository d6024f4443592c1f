"""Celery entry points."""

from celery import shared_task

from . import clock, synthesis
from .getting import downloads
from .models import SpeechModel, VoiceDownload
from .voices import catalogue


@shared_task
def take_turn(model_id: int, passed: int = 0, name: str = "") -> None:
    """Make what this speech model should make next."""
    model = SpeechModel.objects.filter(pk=model_id, enabled=True).first()
    if model:
        synthesis.take_turns(model, passed, name)


@shared_task
def align() -> None:
    """Find when the words of sounds are heard, for a while."""
    from . import aligning  # NumPy's memory is for who needs it

    aligning.align_some()


@shared_task
def recover_alignments() -> None:
    """Send lost alignments again."""
    synthesis.recover_alignments()


@shared_task
def sync_voice_files() -> None:
    """Bring in voice files that were put into their folder, or taken out."""
    catalogue.sync_voice_files()


@shared_task
def get_voice(download_id: int) -> None:
    """Fetch a voice that was asked for; another stretch comes behind whoever else waits."""
    download = VoiceDownload.objects.filter(pk=download_id).first()
    if download and downloads.run(download):
        get_voice.delay(download_id)


def resume_downloads() -> None:
    """Go on with the voices whose worker or message was lost, or whose failure may have passed."""
    for download in VoiceDownload.objects.going_nowhere():
        # A message that only waits for its turn is sent again so often, and not more.
        VoiceDownload.objects.filter(pk=download.pk).update(changed_at=clock.now())
        get_voice.delay(download.pk)


@shared_task
def check_sounds() -> None:
    """Check that some of the stored sounds are what was stored."""
    synthesis.check_sounds()
