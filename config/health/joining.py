"""At its start each process finds out whether it shares everything with the others."""

from __future__ import annotations

import time

import structlog
from django.db import DatabaseError, connection

from tts import belonging

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 30.0  # for a database that is being started or migrated


class CannotJoin(Exception):
    """This process must not work; the message says why, and what to do."""


def join(*, patience: float) -> None:
    """Check that database, storage, Redis and key belong together. Raises CannotJoin.

    Without patience a database that does not answer is no reason: /readyz tells of it.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            belonging.check()
            return
        except belonging.Stranger as error:
            raise CannotJoin(str(error)) from error
        except OSError as error:
            log.warning("installation.not_checked", reason=str(error))
            return  # a storage that cannot be read: /readyz tells of it, and work that of its own
        except DatabaseError as error:
            if time.monotonic() > deadline:
                if not patience:
                    log.warning("installation.not_checked", reason=str(error))
                    return
                raise CannotJoin(
                    f"The database does not answer, or it has no tables yet: {error} "
                    "Look whether DATABASE_URL is right, and run manage.py migrate."
                ) from error
            time.sleep(1)
        finally:
            connection.close()  # a pool of processes is forked after this
