from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class ReaderConfig(AppConfig):
    name = "reader"
    verbose_name = "Reading"

    def ready(self) -> None:
        from . import rights  # noqa: F401  (hears of who signs out)

        post_migrate.connect(_keep_index, sender=self)


def _keep_index(using: str, plan: list[Any] | None = None, **_: object) -> None:
    """See that the index of words has its trigger whatever a migration did to the blocks."""
    from .finding import passages

    connection = connections[using]
    if "reader_passage" in connection.introspection.table_names():
        passages.make(connection)
