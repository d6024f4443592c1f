"""Which installation a database belongs to."""

from __future__ import annotations

import uuid

from django.db import models


class Installation(models.Model):
    """The one row that says which storage and which key this database goes with."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.UUIDField(default=uuid.uuid4, editable=False)
    key_check = models.CharField(max_length=64, help_text="Of the SECRET_KEY: not the key itself.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_installation_in_a_database")
        ]

    def __str__(self) -> str:
        return str(self.name)
