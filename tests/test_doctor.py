"""`manage.py doctor` against broken installations: each is told, with what to do."""

import io
import shutil
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.health import heartbeats
from config.health.heartbeats import Heartbeat
from config.management.commands import doctor
from tts import belonging
from tts.connections import redis_client
from tts.models import SpeechModel

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("static_files", "voice"),
]


@pytest.fixture(autouse=True)
def _workers(settings):
    belonging.check()
    everything = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    for kind, queues in {"beat": [], "all": everything}.items():
        heartbeats.beat(Heartbeat(kind=kind, node=f"{kind}@here", queues=queues))


def examined() -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out, no_color=True)
    except CommandError as error:
        return int(str(error).split()[0]), out.getvalue()
    return 0, out.getvalue()


def test_an_installation_in_order_is_found_to_be():
    failed, said = examined()
    assert (failed, "MEND" in said) == (0, False), said
    assert "ok   speech model tone: It speaks." in said
    assert said.endswith("All is in order.\n")


def no_worker(settings):
    heartbeats.withdraw("all@here")


def storage_in_the_way(settings):
    shutil.rmtree(settings.MEDIA_ROOT / "audio", ignore_errors=True)
    (settings.MEDIA_ROOT / "audio").write_text("")


def another_storage(settings):
    settings.MEDIA_ROOT = settings.MEDIA_ROOT.parent / "elsewhere"


def other_key(settings):
    SpeechModel.objects.filter(model_slug="tone").update(sealed_key="of another key")


def no_voice(settings):
    settings.DEFAULT_VOICE = "tone/none"


def engine_fails(settings):
    SpeechModel.objects.filter(model_slug="tone").update(parameters={"fail_on": "test"})


def no_name(settings):
    settings.BEHIND_TLS, settings.ALLOWED_HOSTS = True, ["localhost"]


def no_static_files(settings):
    settings.STATIC_ROOT = settings.MEDIA_ROOT / "nothing"


def forgetful_redis(settings):
    redis_client().config_set("maxmemory-policy", "allkeys-lru")


@pytest.mark.parametrize(
    ("breaks", "part", "advice"),
    [
        (no_worker, "processes", "Start what Procfile lists"),
        (storage_in_the_way, "storage", "has to be able to write"),
        (another_storage, "belonging", ""),
        (other_key, "speech model tone", "Enter the key again"),
        (no_voice, "default voice", "manage.py sync_voices"),
        (engine_fails, "speech model tone", ""),
        (no_name, "names", "ALLOWED_HOSTS"),
        (no_static_files, "static files", "collectstatic"),
        (forgetful_redis, "Redis", "noeviction"),
    ],
)
def test_what_is_broken_is_named_alone_with_what_to_do(settings, breaks, part, advice, monkeypatch):
    monkeypatch.setattr(belonging, "MARKED_SECONDS", 0.1)
    breaks(settings)
    try:
        failed, said = examined()
    finally:
        redis_client().config_set("maxmemory-policy", "noeviction")
    assert failed == 1, said
    assert f"MEND {part}: " in said
    assert advice in said


def test_a_clock_that_is_off_is_found(monkeypatch):
    class Late:
        def time(self):
            return int((timezone.now() - timedelta(hours=1)).timestamp()), 0

    monkeypatch.setattr(doctor, "redis_client", Late)
    assert doctor._clock().ok is False
