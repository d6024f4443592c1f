"""Stored sounds go when they take up too much: all but those that unfinished work needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q

from tts import synthesis

from .models import Block, Export, Preparation


def keep_sounds_to_budget() -> int:
    """Delete the sounds heard longest ago while there is too much; return how many."""
    return synthesis.keep_to_budget(needed_by_work)


def needed_by_work(text_hashes: Sequence[str]) -> Iterable[str]:
    """Return which of these texts are in a document that is being prepared or exported."""
    preparing = Preparation.objects.present().filter(status=Preparation.Status.RUNNING)
    at_work = Q(document__in=preparing.values("document")) | Q(
        document__in=Export.objects.present().under_way().values("document")
    )
    blocks = Block.objects.filter(at_work, text_hash__in=text_hashes)
    return blocks.values_list("text_hash", flat=True).distinct().order_by()
