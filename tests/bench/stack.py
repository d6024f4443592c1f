"""The real processes on loopback, with a database, a Redis and files of their own."""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from django.test.utils import CaptureQueriesContext

from config.run.__main__ import (
    BASE_DIR,
    all_processes,
    environment_of_processes,
    procfile,
)
from config.run.parent import die_with_parent
from config.run.supervisor import kill_group
from tests import environment  # first: it starts the Redis and tells where the data goes

WORKERS = 2
READY_WITHIN_SECONDS = 30
ALONE_BLOCKS = 40
# An engine by itself: its name, the voice, how many blocks; prints the seconds.
ALONE = """
import sys, time, django
django.setup()
from tests.bench.stack import WORDS
from tts.engines import engine_named, load
from tts.speech import Utterance
name, voice, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
load([name])
began = time.perf_counter()
for n in range(count):
    text = WORDS.format(number=n, salt=n)
    for _ in engine_named(name).speak(Utterance(text, "en", voice)).pieces:
        pass
print(time.perf_counter() - began)
"""
WORDS = (
    "The reader listens while the page shows what is being read, and each word lights as it is "
    "heard. Nothing is lost on the way from the text to the sound, and nothing is made that nobody "
    "wants. Paragraph {number} of document {salt} says so once more."
)


class Stack:
    def __init__(
        self,
        *,
        log_level: str = "WARNING",
        counts: bool = False,
        database: str = "",
        only: Collection[str] = (),
    ) -> None:
        """``counts``: the statements of all processes, as ``counted.base`` tells them.

        ``database``: another one than a SQLite of its own; ``only``: these processes alone.
        """
        self._log_level, self._counts = log_level, counts
        self._database = database or f"sqlite:///{environment.DATA_DIR / 'bench.sqlite3'}"
        self._only = only
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Stack:
        import django

        os.environ["DATABASE_URL"] = self._database
        os.environ["LOG_LEVEL"] = "WARNING"  # of this process
        os.environ.pop("LOUDNESS", None)  # as an installation has it
        if self._counts:
            os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
        # The benchmark alone is in this process: its queries may hold up its own loop.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("prepare", stdout=open(os.devnull, "w"))
        self._sign_in()
        self.queries = self._queries_per_block()  # while no worker is there to be sooner
        every = procfile(BASE_DIR / "Procfile")
        commands = {name: every[name] for name in self._only or every}
        for name, command in all_processes(commands, os.environ).items():
            self._start(name, command)
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(20)
            finally:
                kill_group(process)

    @property
    def format(self) -> str:
        from django.conf import settings

        return str(settings.AUDIO_FORMAT)

    def machine(self) -> str:
        return f"{os.cpu_count()} cores shared by server, workers and client"

    def add_document(
        self, blocks: int, salt: object = "", words: str | Callable[[int], str] = WORDS
    ) -> str:
        """Add a document of so many blocks, no two of them alike; return its uuid."""
        from reader.ingestion.importing import import_document
        from reader.models import User
        from reader.services.documents import add_document

        salt = f"{salt}{blocks}"
        template = words if callable(words) else lambda _: words
        text = "\n\n".join(template(n).format(number=n, salt=salt) for n in range(blocks))
        document = add_document(owner=User.objects.earliest("pk"), title="Bench", text=text)
        import_document(document)  # unless the worker was sooner
        while document.status == "importing":
            time.sleep(0.01)
            document.refresh_from_db()
        assert document.block_count == blocks, (document.block_count, blocks)
        return str(document.uuid)

    def add_server(self, address: str) -> None:
        """Add a speech model behind a server, and have the one user listen in its voice."""
        from tts.models import SpeechModel
        from tts.voices.catalogue import sync_voices

        model = SpeechModel.objects.create(
            model_slug="server", name="Server", engine="openai", base_url=address
        )
        sync_voices(model)
        self.listen_in("server", "500")

    def listen_in(self, model_slug: str, voice_slug: str, **preferences: object) -> None:
        """Have the one user listen in this voice, and as they like it."""
        from reader.models import User
        from tts.models import Voice

        voice = Voice.objects.by_slugs(model_slug, voice_slug).get()
        User.objects.filter(pk=User.objects.earliest("pk").pk).update(voice=voice, **preferences)

    def begin_anew(self) -> None:
        """Have every document begin at its beginning."""
        from reader.models import Position

        Position.objects.all().delete()

    def prepare(self, blocks: int) -> None:
        """Have a long document of another person prepared in espeak's voice."""
        from reader.models import Document, User
        from reader.services import preparations
        from tts.models import Voice

        document = Document.objects.get(uuid=self.add_document(blocks, salt="prepared"))
        other, _ = User.objects.get_or_create(username="who-prepares")
        Document.objects.filter(pk=document.pk).update(owner=other)
        voice = Voice.objects.by_slugs("espeak", "en-us").get()
        preparations.start_preparation(document=document, user=other, voice=voice, sound="")

    def engine_alone(self, engine: str, voice: str) -> float:
        """Return how many blocks a second an engine speaks by itself in as many processes."""
        command = [sys.executable, "-c", ALONE, engine, voice, str(ALONE_BLOCKS)]
        running = [
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(WORKERS)
        ]
        seconds = [float(process.communicate()[0].split()[-1]) for process in running]
        return WORKERS * ALONE_BLOCKS / max(seconds)

    def kill(self, name: str) -> None:
        """End a kind of process and its children at once, as a machine that fails does."""
        process = self._processes.pop(name)
        kill_group(process)
        process.wait()

    def hold(self, name: str) -> None:
        """Have a kind of process and its children stand still."""
        os.killpg(self._processes[name].pid, signal.SIGSTOP)

    def let_go(self, name: str) -> None:
        os.killpg(self._processes[name].pid, signal.SIGCONT)

    def start_again(self, name: str) -> None:
        self._start(name, procfile(BASE_DIR / "Procfile")[name])

    def resident(self, name: str) -> int:
        """Return the MB that a process takes."""
        lines = Path(f"/proc/{self._processes[name].pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS:"))

    def memory(self) -> dict[str, list[int]]:
        """Return what each process takes, in MB: resident, and in proportion to who shares it."""
        taken: dict[str, list[int]] = {}
        for name, process in self._processes.items():
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            for pid in (process.pid, *map(int, children.split())):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
                sizes = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines}
                taken[f"{name} {pid}"] = [sizes["Rss"], sizes["Pss"]]
        return taken

    def is_preparing(self) -> bool:
        from reader.models import Preparation

        return Preparation.objects.filter(status="running", done__gt=0).exists()

    def stop_preparing(self) -> None:
        from reader.models import Document
        from reader.services import preparations

        for document in Document.objects.filter(preparation__status="running"):
            preparations.stop_preparation(document=document)

    def change_model(self, model_slug: str, **fields: object) -> None:
        """Change a speech model as its form in the admin does."""
        from tts.models import SpeechModel

        SpeechModel.objects.filter(model_slug=model_slug).update(**fields)

    def come_to_rest(self) -> None:
        """Wait until the words of the last sounds are found: that is not for who listens now."""
        from tts.models import AudioVariant

        while AudioVariant.objects.unaligned().exists():
            time.sleep(0.05)

    def unmarked(self) -> int:
        """Return how many sounds have no word times yet."""
        from tts.models import AudioVariant

        return AudioVariant.objects.unaligned().count()

    def forget_marks(self) -> None:
        """Have nobody look for the word times that are not found yet."""
        from tts.connections import redis_client
        from tts.models import AudioVariant, MarksSource

        AudioVariant.objects.unaligned().update(marks_source=MarksSource.UNSURE)
        redis_client().delete("alignment")
        time.sleep(2)  # those that are being looked for

    def marks(self, uuid: str) -> tuple[list[tuple[int, int, int, int]], int]:
        """Return the marks of a document's first block, once it has them, and its lead in ms."""
        from reader.models import Block
        from tts.models import AudioVariant

        text_hash = Block.objects.get(document__uuid=uuid, idx=0).text_hash
        while True:
            variant = AudioVariant.objects.get(text_hash=text_hash)
            if variant.marks:
                return variant.marks, variant.lead_ms
            time.sleep(0.1)

    def made(self, uuid: str) -> dict[int, str]:
        """Return the addresses of the sounds that are there, by block."""
        from reader.models import Block
        from tts.models import AudioVariant

        hashes = dict(Block.objects.filter(document__uuid=uuid).values_list("text_hash", "idx"))
        return {
            hashes[v.text_hash]: f"/audio/{v.pk}/{v.sound_revision}/"
            for v in AudioVariant.objects.filter(status="cached", text_hash__in=hashes)
        }

    def cpu_seconds(self) -> float:
        """Return the CPU time of web and workers so far."""
        return sum(cpu_seconds(process.pid) for process in self._processes.values())

    def cpu_by_process(self) -> dict[str, float]:
        """Return the CPU time of each kind of process so far, Redis among them."""
        spent = {"redis": cpu_seconds(environment.redis_process.pid)}
        for name, process in self._processes.items():
            kind = name.rstrip("0123456789")
            spent[kind] = spent.get(kind, 0.0) + cpu_seconds(process.pid)
        return spent

    def proportional_memory(self) -> dict[str, int]:
        """Return the MB of each kind of process, in proportion to who shares them."""
        taken: dict[str, int] = {"redis": pss(environment.redis_process.pid)}
        for name, (_, proportional) in self.memory().items():
            kind = name.partition(" ")[0].rstrip("0123456789")
            taken[kind] = taken.get(kind, 0) + proportional
        return taken

    def parts(self, uuid: str) -> dict[int, tuple[float, float, float]]:
        """Return for each cached block the ms in engine, in encoder, and from claim to stored."""
        from reader.models import Block
        from tts.models import AudioVariant

        hashes = dict(Block.objects.filter(document__uuid=uuid).values_list("text_hash", "idx"))
        return {
            hashes[v.text_hash]: (v.engine_ms, v.encoder_ms, v.synthesis_ms)
            for v in AudioVariant.objects.filter(status="cached", text_hash__in=hashes)
        }

    def _queries_per_block(self) -> tuple[int, int, int]:
        """Return the queries of asking for a block, of making it, and of asking once more."""
        from django.db import connection

        from reader.listening import ListeningVoice
        from reader.models import Document, User
        from reader.services import wanting
        from reader.services.preferences import preferences_of, voice_of
        from tts import synthesis
        from tts.demand import wants
        from tts.models import SpeechModel

        document = Document.objects.get(uuid=self.add_document(1, salt="queries"))
        voice = voice_of(preferences_of(User.objects.earliest("pk"), document))
        assert voice
        listening = ListeningVoice.of(voice)
        model = SpeechModel.objects.get(pk=voice.speech_model_id)

        def ask() -> None:
            text_hash, _ = wanting.text_hashes(document=document, first=0, last=0)[0]
            wanting.want_texts(
                document=document, listener="bench", voice=listening, ranks={text_hash: 0}
            )

        counts = []
        for step in (ask, lambda: synthesis.take_turn(model), ask):
            with CaptureQueriesContext(connection) as queries:
                step()
            counts.append(len(queries))
        wants.forget(model.pk, "bench")
        return counts[0], counts[1], counts[2]

    def redis_commands(self) -> int:
        """Return how many commands Redis has carried out so far, those of scripts among them."""
        from tts.connections import redis_client

        return sum(each["calls"] for each in redis_client().info("commandstats").values())

    def _sign_in(self) -> None:
        from django.test import Client

        from reader.models import User

        client = Client()
        client.force_login(User.objects.earliest("pk"))
        self.cookies = {"sessionid": client.cookies["sessionid"].value}

    def _start(self, name: str, command: str) -> None:
        """Start a process as the supervisor does: in a session of its own."""
        environ = {
            **environment_of_processes(),
            "PORT": str(self.port),
            "LOG_LEVEL": self._log_level,
            "DATA_DIR": str(environment.DATA_DIR),
        }
        with open(environment.DATA_DIR / f"{name}.log", "wb") as log:
            self._processes[name] = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                env=environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            try:
                opener.open(f"{self.url}/{'healthz' if self._only else 'readyz'}", timeout=5)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError("The processes of the benchmark did not become ready.")


def pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("Pss:"))


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and of the children it has now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(cpu_seconds(int(child)) for child in children)


def p(values: Sequence[float], percent: int) -> float:
    """Return a percentile."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
