"""Whether this process works on the same installation as all others.

Database, storage, Redis and SECRET_KEY belong together. A worker with another storage would lose
every sound that it makes, one with another key could not read the keys of speech servers. So the
database holds a name, the storage a file with it, and Redis the same; of the key, the database
holds what tells whether it is the right one.
"""

from __future__ import annotations

import hmac
import time
from contextlib import suppress

import redis
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.encoding import force_bytes

from .connections import PREFIX, redis_client
from .models import Installation

MARKER = "installation"  # in the storage
# The first process of all makes the row, and then the file.
MARKED_SECONDS = 3.0
KEY = f"{PREFIX}:installation"


class Stranger(Exception):
    """This process works on something else than the others; the message says what to do."""


def check() -> Installation:
    """Return the installation. Raises Stranger.

    The first process of all that uses a database marks the storage and Redis as belonging to it.
    """
    known = Installation.objects.filter(pk=1).first()
    installation = known or Installation.objects.get_or_create(pk=1, defaults={"key_check": ""})[0]
    _check_key(installation)
    _check_storage(installation, is_new=known is None)
    _check_redis(installation)
    return installation


def claim() -> Installation:
    """Make storage, key and Redis those of this database, whatever they were."""
    installation, _ = Installation.objects.get_or_create(pk=1, defaults={"key_check": ""})
    installation.key_check = _of_key(settings.SECRET_KEY, installation)
    installation.save()
    if default_storage.exists(MARKER):
        default_storage.delete(MARKER)
    _mark(installation)
    with suppress(redis.RedisError):  # it may be stopped, and forgets
        redis_client().set(KEY, str(installation.name))
    return installation


def _check_key(installation: Installation) -> None:
    own = _of_key(settings.SECRET_KEY, installation)
    known = {_of_key(key, installation) for key in settings.SECRET_KEY_FALLBACKS} | {own, ""}
    if installation.key_check not in known:
        raise Stranger(
            "SECRET_KEY is not the one with which this database is used. Give every process the "
            "same one (without the setting, it is in the file secret_key in DATA_DIR); a former "
            "one goes into SECRET_KEY_FALLBACKS. If it is lost, manage.py doctor --claim goes on "
            "with the new one: everyone signs in anew, and keys of speech servers are entered anew."
        )
    if installation.key_check != own:
        Installation.objects.filter(pk=1).update(key_check=own)


def place() -> str:
    """Return where the files are, in words: a folder, or a bucket."""
    return f"the bucket {settings.S3_BUCKET}" if settings.S3_BUCKET else str(settings.MEDIA_ROOT)


def _check_storage(installation: Installation, *, is_new: bool) -> None:
    if is_new and _marker() is None:
        _mark(installation)
    deadline = time.monotonic() + MARKED_SECONDS
    while (found := _marker()) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    if found != str(installation.name):
        raise Stranger(
            f"The storage in {place()} is not the one that belongs to this database"
            f"{'' if found else ': it is empty'}. Sounds and uploads would get lost. Give every "
            "process the DATA_DIR (or the mount) of the others. If this is to be its storage from "
            "now on, run manage.py doctor --claim once."
        )


def _check_redis(installation: Installation) -> None:
    client, name = redis_client(), str(installation.name)
    try:
        client.set(KEY, name, nx=True)  # it forgets when it is restarted without its file
        found = client.get(KEY)
    except redis.RedisError:
        return  # it is not there: without it nothing can be done amiss
    if found is not None and found != name.encode():
        raise Stranger(
            "This Redis is used by another installation of Lectern, with a database of its own. "
            "Give each a REDIS_URL of its own (another number at its end is enough). If the other "
            "is gone, run manage.py doctor --claim once."
        )


def _marker() -> str | None:
    try:
        with default_storage.open(MARKER) as file:
            return str(file.read().decode().strip())
    except FileNotFoundError:
        return None


def _mark(installation: Installation) -> None:
    name = default_storage.save(MARKER, ContentFile(f"{installation.name}\n".encode()))
    if name != MARKER:  # another process was sooner
        default_storage.delete(name)


def _of_key(key: str, installation: Installation) -> str:
    return hmac.new(force_bytes(key), installation.name.bytes, "sha256").hexdigest()
