"""Figures for Prometheus: right ones, and for nobody who should not see them."""

import pytest
from celery import current_app
from prometheus_client.parser import text_string_to_metric_families

from config.health import views

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("static_files")]


@pytest.fixture(autouse=True)
def _look_anew():
    views.forget()
    yield
    views.forget()


def test_the_figures_are_those_of_the_installation(client, document):
    current_app.send_task("tts.tasks.take_turn", args=[0], queue="jobs")
    text = client.get("/metrics").content.decode()
    figures = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert figures["lectern_documents", "ready"] == 1
    assert figures["lectern_sounds", "cached"] == 0
    assert figures["lectern_part_up", "database"] == 1
    assert figures["lectern_part_up", "workers"] == 0
    assert figures["lectern_queue_length", "jobs"] == 1


@pytest.mark.parametrize(
    ("token", "asks", "status"),
    [
        ("", {}, 200),
        ("", {"REMOTE_ADDR": "::1"}, 200),
        ("", {"REMOTE_ADDR": "10.0.0.5"}, 404),
        ("", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ("", {"HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        ("secret", {}, 404),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer wrong"}, 404),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer "}, 404),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer secret", "REMOTE_ADDR": "10.0.0.5"}, 200),
    ],
)
def test_who_may_see_them(client, settings, token, asks, status):
    settings.METRICS_TOKEN = token
    assert client.get("/metrics", **asks).status_code == status
