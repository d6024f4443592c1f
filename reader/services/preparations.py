"""Having a whole document made ahead of its time."""

from __future__ import annotations

import structlog
from django.db import transaction

from tts import synthesis
from tts.models import Voice

from .. import events, preparing, tasks
from ..models import Document, Preparation, User

log = structlog.get_logger(__name__)


def start_preparation(*, document: Document, user: User, voice: Voice, sound: str) -> None:
    """Have the whole document made in a voice, ahead of its time; instead of in another one."""
    preparation, _ = Preparation.objects.update_or_create(
        document=document,
        defaults={
            "user": user,
            "voice": voice,
            "sound": synthesis.audio_format(sound).name,
            "status": Preparation.Status.RUNNING,
            "done": 0,
            "failed": 0,
            "total": document.blocks.exclude(text_hash="").count(),
            "error": "",
            "lease_until": None,
        },
    )
    transaction.on_commit(
        lambda: tasks.send_for_turn(preparation),
        robust=True,  # with Redis away it is begun later
    )
    log.info("preparation.begun", document=str(document.uuid), voice=voice.voice_slug)


def stop_preparation(*, document: Document) -> None:
    """End a preparation; what was made stays."""
    running = Preparation.objects.filter(document=document, status=Preparation.Status.RUNNING)
    if running.update(status=Preparation.Status.STOPPED, lease_until=None):
        log.info("preparation.stopped", document=str(document.uuid))
        preparing.tell(Preparation.objects.select_related("document").get(document=document))
        events.document_changed(document.owner_id, document.uuid)
