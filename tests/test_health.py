"""Is it alive, can it do its work: told to whoever asks, and nothing besides."""

import socket

import pytest

from tests.worker import running_worker
from tts.connections import redis_client

pytestmark = pytest.mark.usefixtures("static_files")

ALL_WELL = {"database": True, "redis": True, "storage": True, "workers": True}


@pytest.fixture
def no_redis(settings):
    """The Redis that the settings name is one that is not there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        settings.REDIS_URL = f"redis://127.0.0.1:{taken.getsockname()[1]}/0"
        redis_client.cache_clear()
        yield
    redis_client.cache_clear()


def test_it_is_alive_for_whoever_asks_even_without_database_and_redis(client, no_redis):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_it_is_ready_when_every_part_works(client, tmp_path):
    with running_worker(data_dir=tmp_path, tone_log=tmp_path / "log", concurrency=1):
        response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, ALL_WELL)
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_it_is_not_ready_without_a_worker(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, ALL_WELL | {"workers": False})


@pytest.mark.django_db
def test_it_is_not_ready_without_its_redis(client, no_redis):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["redis"] is False
    assert response.json()["database"] is True


@pytest.mark.django_db
def test_it_is_not_ready_when_nothing_can_be_stored(client, settings, tmp_path):
    in_the_way = tmp_path / "a-file"
    in_the_way.write_text("")
    settings.MEDIA_ROOT = in_the_way
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["storage"] is False


def test_it_is_not_ready_without_its_database(client):
    # This test may not use the database: pytest-django raises in the place of a broken one.
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] is False


def test_nothing_can_be_posted_to_it(client):
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405
