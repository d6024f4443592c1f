"""Sounds and uploads in a bucket that speaks S3, in place of a folder.

django-storages does the work. What goes wrong is told as a folder would tell it, so that whoever
stores or reads needs to know of one kind of failure only.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3File, S3Storage

CONNECT_SECONDS, ANSWER_SECONDS, TRIES = 3, 20, 2
# A file that is larger is read by way of the disk.
IN_MEMORY_BYTES = 8 * 1024 * 1024
# What servers say of a bucket that is full, or an account that is.
FULL = {"QuotaExceeded", "XMinioStorageFull", "EntityTooLarge", "InsufficientStorage"}
NOT_ALLOWED = {401, 403}
NOT_FOUND = 404


class ObjectStorage(S3Storage):  # type: ignore[misc]  # it has no types
    """A bucket. Raises OSError, as Django's storage of files does."""

    def get_default_settings(self) -> dict[str, Any]:
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {
            "file_overwrite": False,
            "default_acl": None,
            "max_memory_size": IN_MEMORY_BYTES,
            "client_config": Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=ANSWER_SECONDS,
                retries={"total_max_attempts": TRIES, "mode": "standard"},
                s3={"addressing_style": "path"},  # every server understands it
            ),
        }

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        with _told(name):
            return _ObjectFile(self._normalize_name(name), mode, self)

    def _save(self, name: str, content: File[bytes]) -> str:
        with _told(name):
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with _told(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _told(name):
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _told(path):
            folders, files = super().listdir(path)
            return list(folders), list(files)

    def size(self, name: str) -> int:
        with _told(name):
            return int(super().size(name))

    def get_modified_time(self, name: str) -> Any:
        with _told(name):
            return super().get_modified_time(name)


class _ObjectFile(S3File):  # type: ignore[misc]
    def _get_file(self) -> Any:
        with _told(self.name):
            return super()._get_file()

    file = property(_get_file, S3File._set_file)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Raise what a bucket says as what a folder would say."""
    try:
        yield
    except ClientError as error:
        answer = error.response.get("ResponseMetadata", {})
        status = answer.get("HTTPStatusCode")
        code = error.response.get("Error", {}).get("Code", "")
        if status == NOT_FOUND and code != "NoSuchBucket":
            raise FileNotFoundError(errno.ENOENT, "There is no such file", name) from error
        if code in FULL:
            raise OSError(errno.ENOSPC, "No space left in the bucket") from error
        if status in NOT_ALLOWED:
            raise PermissionError(errno.EACCES, "The bucket may not be used so") from error
        raise OSError(errno.EIO, f"The bucket answers {code or status}") from error
    except BotoCoreError as error:
        raise OSError(errno.EIO, "The storage does not answer") from error
