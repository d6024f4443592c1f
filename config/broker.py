"""The lines of workers and of the clock to Redis as Celery has them, and how soon they are back."""

from typing import Any, Self

from celery.app.amqp import AMQP
from kombu import Connection

RECONNECT_SECONDS = 2.0


class Line(Connection):
    """A line that is tried again every two seconds, however long it is away.

    Celery's own pauses grow to half a minute, and all that while somebody waits for a sound.
    """

    def ensure_connection(self, *arguments: Any, **options: Any) -> Self:
        options |= {"interval_start": RECONNECT_SECONDS, "interval_step": 0}
        return super().ensure_connection(*arguments, **options)


class Broker(AMQP):
    Connection = BrokerConnection = Line
