"""The heartbeat of beat: it tells of each look at what is due."""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler

from .heartbeats import Heartbeat, beat, node_name


class BeatingScheduler(PersistentScheduler):
    """Celery's own, with a heartbeat from its loop."""

    def tick(self, *arguments: Any, **options: Any) -> Any:
        beat(Heartbeat(kind="beat", node=node_name()))
        return super().tick(*arguments, **options)
