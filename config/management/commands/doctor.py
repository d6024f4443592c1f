"""Try everything that an installation needs, and say what to mend."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config.health import checks
from tts import belonging, keys
from tts.connections import PREFIX, redis_client
from tts.engines import is_recorded
from tts.models import SpeechModel, Voice
from tts.voices.diagnosis import diagnose

LEAST_FREE_MB = 500
LEAST_REDIS = 6
CLOCKS_DIFFER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried; ``advice`` says what to do if it failed."""

    name: str
    ok: bool
    words: str
    advice: str = ""


class Command(BaseCommand):
    help = (
        "Try everything that an installation needs, and say what to mend. "
        "Ends with 1 if something has to be."
    )
    requires_system_checks: list[str] = []  # it finds out by itself, in its own words

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--claim",
            action="store_true",
            help="make this storage, Redis and SECRET_KEY those of this database from now on",
        )
        parser.add_argument(
            "--no-speech", action="store_true", help="do not have each speech model say something"
        )

    def handle(self, *, claim: bool, no_speech: bool, **options: Any) -> None:
        if claim:
            installation = belonging.claim()
            self.stdout.write(f"This is now the installation {installation}.")
        failed = 0
        for finding in examine(speech=not no_speech):
            failed += not finding.ok
            mark = self.style.SUCCESS("ok  ") if finding.ok else self.style.ERROR("MEND")
            self.stdout.write(f"{mark} {finding.name}: {finding.words}")
            if not finding.ok and finding.advice:
                self.stdout.write(f"     {finding.advice}")
        if failed:
            raise CommandError(f"{failed} of these have to be mended.", returncode=1)
        self.stdout.write("All is in order.")


def examine(*, speech: bool) -> Iterator[Finding]:
    """Yield what was found, what others lean on first."""
    yield _space()
    database = _database()
    yield database
    redis = _redis()
    yield redis
    yield _storage()
    yield _static_files()
    if not database.ok:
        return
    if redis.ok:
        yield _belonging()
        yield _clock()
        yield _workers()
    yield _default_voice()
    yield from _speech_models(speech)
    yield _hosts()


def _space() -> Finding:
    free_mb = shutil.disk_usage(settings.DATA_DIR).free // 2**20
    return Finding(
        "disk",
        free_mb >= LEAST_FREE_MB,
        f"{free_mb} MB are free in {settings.DATA_DIR}.",
        "Make room: sounds, uploads and the database are kept there.",
    )


def _database() -> Finding:
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, OSError) as error:
        return Finding(
            "database",
            False,
            f"It does not answer: {str(error).strip()}",
            "Look whether it runs, and whether DATABASE_URL names its host, user and password.",
        )
    if missing:
        return Finding(
            "database",
            False,
            f"{len(missing)} changes of its tables are not made yet.",
            "Run manage.py migrate; make run does it by itself.",
        )
    return Finding("database", True, f"{connection.display_name} answers, its tables are there.")


def _redis() -> Finding:
    try:
        client = redis_client()
        version = str(client.info("server")["redis_version"])
        client.set(f"{PREFIX}:doctor", 1, ex=1)
    except Exception as error:  # whatever it is: it is told
        return Finding(
            "Redis",
            False,
            f"It does not work: {error}",
            "Look whether it runs and has memory left, and whether REDIS_URL names it. Without "
            "REDIS_URL, make run starts one of its own: doctor finds that only while it runs.",
        )
    policy = str(client.info("memory").get("maxmemory_policy", ""))
    if policy not in {"", "noeviction"}:
        return Finding(
            "Redis",
            False,
            f"When it is full it forgets what it should keep (maxmemory-policy {policy}).",
            "Set maxmemory-policy to noeviction: messages between the processes are in it.",
        )
    return Finding(
        "Redis",
        int(version.partition(".")[0]) >= LEAST_REDIS,
        f"Version {version} answers and takes what is written.",
        f"Version {LEAST_REDIS} or newer is needed.",
    )


def _storage() -> Finding:
    part = checks.storage()
    return Finding(
        "storage",
        part.ok,
        part.words,
        f"The user who runs Lectern has to be able to write to {belonging.place()}.",
    )


def _static_files() -> Finding:
    there = (settings.STATIC_ROOT / "staticfiles.json").exists()
    words = "They are collected." if there else f"There are none in {settings.STATIC_ROOT}."
    return Finding("static files", there, words, "Run manage.py collectstatic --noinput.")


def _belonging() -> Finding:
    try:
        installation = belonging.check()
    except belonging.Stranger as error:
        return Finding("belonging", False, str(error))
    except OSError as error:
        return Finding("belonging", False, f"The storage cannot be read: {error.strerror}.")
    return Finding("belonging", True, f"All is of the installation {installation}.")


def _clock() -> Finding:
    seconds, micro = redis_client().time()
    differs = abs(seconds + micro / 1e6 - time.time())
    return Finding(
        "clock",
        differs < CLOCKS_DIFFER_SECONDS,
        f"It differs from that of Redis by {differs:.1f} s.",
        "Have both machines set their clocks by the network (NTP).",
    )


def _workers() -> Finding:
    failing = {
        name: part for name, part in checks.processes().items() if not part.ok and name != "workers"
    }
    all_of_them = checks.processes()["workers"]
    words = " ".join(f"{name}: {part.words}" for name, part in failing.items())
    return Finding(
        "processes",
        all_of_them.ok,
        words or all_of_them.words,
        "Start what Procfile lists; make run does. Their log says why one does not run.",
    )


def _default_voice() -> Finding:
    there = bool(Voice.objects.all().default())
    name = settings.DEFAULT_VOICE or "The voice that a new person hears"
    return Finding(
        "default voice",
        there,
        f"{name}{' is there' if there else ' is not there'}.",
        "Run manage.py prepare for the voices that come along, manage.py sync_voices for those of "
        "servers, or name another one in DEFAULT_VOICE, as model/voice.",
    )


def _speech_models(speech: bool) -> Iterator[Finding]:
    for model in SpeechModel.objects.filter(enabled=True):
        name = f"speech model {model.model_slug}"
        try:
            if model.sealed_key:
                keys.unseal(model.sealed_key)
        except keys.UnreadableKey as error:
            yield Finding(name, False, error.message, error.advice)
            continue
        if not speech or is_recorded(model.engine):  # recordings say no sentence of ours
            continue
        failed = [step for step in _steps(model) if step.outcome == "failed"]
        for step in failed:
            yield Finding(name, False, step.message, step.advice)
        if not failed:
            yield Finding(name, True, "It speaks.")


def _steps(model: SpeechModel) -> list[Any]:
    return list(diagnose(model).steps)


def _hosts() -> Finding:
    at_home = {"localhost", "127.0.0.1", "[::1]"}
    foreign = settings.BEHIND_TLS and set(settings.ALLOWED_HOSTS) <= at_home
    return Finding(
        "names",
        not foreign,
        f"It is reached as {', '.join(settings.ALLOWED_HOSTS)}.",
        "BEHIND_TLS is set, so it is served under some name: put that into ALLOWED_HOSTS.",
    )
