"""Tell whether the processes on this machine make progress: what containers ask."""

from __future__ import annotations

import socket
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError

from config.health.heartbeats import all_heartbeats


class Command(BaseCommand):
    help = "Exit with 0 while every process of this machine makes progress, else with 1 and words."
    requires_system_checks: list[str] = []  # it is asked often

    def handle(self, **options: Any) -> None:
        here = socket.gethostname()
        try:
            beats = [beat for beat in all_heartbeats() if _is_of(here, beat.node)]
        except redis.RedisError as error:
            raise CommandError(f"Redis, which knows of the processes, fails: {error}") from error
        if not beats:
            raise CommandError("No process of this machine was ever heard of.")
        still = sorted({beat.kind for beat in beats if not beat.is_fresh or beat.silent})
        if still:
            raise CommandError(f"Not in order: {', '.join(still)}.")
        self.stdout.write(f"In order: {', '.join(sorted(beat.kind for beat in beats))}.")


def _is_of(host: str, node: str) -> bool:
    return node.partition(":")[0] == host or node.rpartition("@")[2] == host
