"""Sounds and uploads in a bucket: a server on loopback that speaks S3."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from moto.server import ThreadedMotoServer

from reader.ingestion.importing import import_document
from reader.models import Document
from reader.services.documents import add_document
from tests.test_settings import settings_with
from tts import belonging, storage, synthesis
from tts.connections import redis_client
from tts.delivery.responses import SoundGone, open_stored
from tts.models import AudioVariant, Status
from tts.storage import StorageError

from .tts.conftest import TEXT, Listener, again

pytestmark = pytest.mark.django_db(transaction=True)

BUCKET, PREFIX = "lectern-tests", "of/lectern"


@pytest.fixture
def server(monkeypatch) -> Iterator[ThreadedMotoServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bucket(server, settings):
    """A bucket, in which Lectern stores."""
    host, port = server.get_host_and_port()
    options = {
        "endpoint_url": f"http://{host}:{port}",
        "region_name": "us-east-1",
    }
    key = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    client = boto3.client("s3", **options, **key)
    client.create_bucket(Bucket=BUCKET)
    settings.S3_BUCKET = BUCKET
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "config.object_storage.ObjectStorage",
            "OPTIONS": {
                "bucket_name": BUCKET,
                "location": PREFIX,
                "access_key": "key",
                "secret_key": "secret",
                **options,
            },
        },
    }
    yield client
    for name in names(client):
        client.delete_object(Bucket=BUCKET, Key=name)
    client.delete_bucket(Bucket=BUCKET)


def names(client) -> list[str]:
    return [found["Key"] for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.fixture
def ann(voice) -> Listener:
    return Listener(voice, "ann")


def made(listener: Listener) -> AudioVariant:
    (variant,) = listener.want(TEXT)
    synthesis.take_turn(listener.voice.speech_model)
    return again(variant)


def test_a_sound_lies_in_the_bucket_and_goes_when_it_is_deleted(bucket, ann, settings):
    variant = made(ann)
    (name,) = names(bucket)
    assert name == f"{PREFIX}/{variant.file.name}"
    stored = bucket.get_object(Bucket=BUCKET, Key=name)["Body"].read()
    assert len(stored) == variant.bytes
    with open_stored(variant.file.name, variant.bytes) as file:
        file.seek(100)
        assert file.read(50) == stored[100:150]
    assert not settings.MEDIA_ROOT.exists()
    synthesis.delete(AudioVariant.objects.all())
    assert names(bucket) == []


def test_a_sound_that_is_gone_or_damaged_is_noticed_and_made_again(bucket, ann):
    variant = made(ann)
    (name,) = names(bucket)
    bucket.put_object(Bucket=BUCKET, Key=name, Body=bytes(variant.bytes))
    AudioVariant.objects.update(checked_at=None)
    assert synthesis.check_sounds() == 1
    assert again(variant).status == Status.QUEUED
    with pytest.raises(SoundGone):
        open_stored(variant.file.name, variant.bytes)


def test_an_upload_is_read_from_the_bucket(bucket, alice):
    text = "A first paragraph.\n\nA second one."
    document = add_document(owner=alice, title="", text=text)
    import_document(document)
    document.refresh_from_db()
    assert document.block_count == 2
    assert document.status == Document.Status.READY
    assert any(name.startswith(f"{PREFIX}/uploads/") for name in names(bucket))


def test_a_bucket_that_does_not_answer_is_told_and_the_sound_made_later(server, bucket, ann):
    (variant,) = ann.want(TEXT)
    bucket.delete_bucket(Bucket=BUCKET)
    synthesis.take_turn(ann.voice.speech_model)
    assert (again(variant).status, again(variant).file.name) == (Status.QUEUED, "")
    assert again(variant).error.startswith("The sound cannot be kept: the bucket answers")
    bucket.create_bucket(Bucket=BUCKET)
    AudioVariant.objects.update(not_before=None)
    redis_client().flushall()
    variant = made(ann)
    assert variant.status == Status.CACHED


def test_a_server_that_is_away_is_an_error_of_the_storage(settings, bucket):
    settings.STORAGES["default"]["OPTIONS"]["endpoint_url"] = "http://127.0.0.1:9"
    settings.STORAGES = dict(settings.STORAGES)
    with pytest.raises(StorageError, match="the storage does not answer"):
        storage.keep("audio/one", b"sound")
    with pytest.raises(OSError, match="does not answer"):
        default_storage.open("audio/one")


def test_what_belongs_to_nothing_is_swept_and_the_rest_is_listed(bucket, ann):
    variant = made(ann)
    default_storage.save("audio/00/stray.webm", ContentFile(b"left behind"))
    assert default_storage.listdir("audio")[0] == sorted({"00", variant.pk.hex[:2]})
    assert synthesis.sweep_sounds() == 0  # it is new: its row may come
    assert len(names(bucket)) == 2


def test_no_name_is_written_over(bucket):
    first = default_storage.save("uploads/one.txt", ContentFile(b"first"))
    second = default_storage.save("uploads/one.txt", ContentFile(b"second"))
    assert first != second
    assert default_storage.open(first).read() == b"first"


def test_processes_tell_by_it_that_they_belong_together(bucket):
    belonging.check()
    assert names(bucket) == [f"{PREFIX}/{belonging.MARKER}"]
    for name in names(bucket):
        bucket.delete_object(Bucket=BUCKET, Key=name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(belonging, "MARKED_SECONDS", 0.1)
        with pytest.raises(belonging.Stranger, match=f"the bucket {BUCKET}"):
            belonging.check()


def test_it_is_a_matter_of_settings(tmp_path):
    told = settings_with(
        tmp_path, S3_BUCKET="sounds", S3_ENDPOINT_URL="https://s3.example.org", S3_PREFIX="/a/"
    )
    default = json.loads(told.stdout)["STORAGES"]["default"]
    assert default["BACKEND"] == "config.object_storage.ObjectStorage"
    assert default["OPTIONS"]["bucket_name"] == "sounds"
    assert default["OPTIONS"]["location"] == "a"
