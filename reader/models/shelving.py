"""How a person puts their documents in order: collections, tags, filters of their own."""

from __future__ import annotations

import uuid

from django.db import models

from .documents import Document
from .people import User


class Collection(models.Model):
    """Documents that a person put together. A tag is one whose order means nothing."""

    class Kind(models.TextChoices):
        COLLECTION = "collection"
        TAG = "tag"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="collections")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.COLLECTION)
    name = models.CharField(max_length=100)
    documents = models.ManyToManyField(
        Document, through="CollectionItem", related_name="collections"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "name"], name="one_collection_of_a_name"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.name}" if self.kind == self.Kind.TAG else self.name


class CollectionItem(models.Model):
    """A document in a collection, and where in its order."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="items")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "document"], name="once_in_a_collection")
        ]

    def __str__(self) -> str:
        return f"{self.document} in {self.collection}"


class SavedFilter(models.Model):
    """A choice in the library that a person comes back to."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=100)
    parameters = models.CharField(max_length=1000, help_text="As they stand in the address.")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_filter_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class QueueItem(models.Model):
    """A document that a person listens to after others, and where in the order."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="queue")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "document"], name="once_in_a_queue")]

    def __str__(self) -> str:
        return f"{self.document} for {self.user}"
