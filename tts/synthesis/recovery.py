"""Give back what dead workers hold, and send again what was lost."""

from __future__ import annotations

from datetime import timedelta

import structlog

from tts import clock
from tts.demand import alignments
from tts.models import AudioVariant, SpeechModel
from tts.speech import SpeechError

from .attempts import about, fail
from .turns import resume

log = structlog.get_logger(__name__)

# A sound that was not aligned by then was lost on the way.
ALIGNMENT_IS_LOST_AFTER = timedelta(minutes=2)
ALIGNED_AT_ONCE = 100


def recover() -> None:
    """Give back what dead workers hold, and send again the turns that were lost or had to wait."""
    for variant in AudioVariant.objects.expired().select_related("voice__speech_model"):
        log.warning("variant.lease_expired", **about(variant))
        died = SpeechError("The worker that made this sound died.", retryable=True)
        fail(variant, died, clock.epoch_seconds())
    for model in SpeechModel.objects.filter(enabled=True):
        resume(model)


def recover_alignments() -> None:
    """Have aligned what has waited for it suspiciously long."""
    late = clock.now() - ALIGNMENT_IS_LOST_AFTER
    waiting = AudioVariant.objects.unaligned().filter(changed_at__lt=late).order_by("changed_at")
    alignments.add(waiting.values_list("pk", flat=True)[:ALIGNED_AT_ONCE], soon=False)
    alignments.write()
    alignments.go_on()  # if its message was lost
