"""What a person brought in, and the blocks that it became."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from tts import clock
from tts.models import HASH_LENGTH

from ..extraction import IMPORTER
from ..extraction.sanitise import shown_text
from ..finding import passages
from ..spoken import LEVELS, USUAL
from .people import User

OWN_LINK = re.compile(r'href="block:([^"]*)"')
OWN_PICTURE = re.compile(r'src="picture:([0-9a-f]{40})"')
LONGEST_ADDRESS = 80  # as a name
# Longer than an import may be silent before it is given up.
IMPORT_IS_LOST_AFTER = timedelta(seconds=75)
AT_ONCE = 500  # documents in one query
REREADING_LEASE = timedelta(seconds=90)


class DocumentQuerySet(models.QuerySet["Document"]):
    def present(self) -> DocumentQuerySet:
        """Those that are not deleted: what is stays a while, for whoever takes that back."""
        return self.filter(deleted_at=None)

    def discarded(self) -> DocumentQuerySet:
        """Those in the trash: whoever deleted them may take them back."""
        return self.kept().exclude(deleted_at=None)

    def kept(self) -> DocumentQuerySet:
        """Those that are not being deleted for good."""
        return self.filter(purge_at=None)

    def visible_to(self, user: User) -> DocumentQuerySet:
        return self.present().filter(owner=user)

    def seen_by(
        self, asked: Iterable[tuple[int, uuid.UUID]]
    ) -> dict[tuple[int, uuid.UUID], Document]:
        """Return of these people and documents those that go together: who may see what."""
        pairs = list(asked)
        found: dict[tuple[int, uuid.UUID], Document] = {}
        for at in range(0, len(pairs), AT_ONCE):
            some = pairs[at : at + AT_ONCE]
            owned = self.present().filter(
                owner__in={user for user, _ in some}, uuid__in={name for _, name in some}
            )
            found |= {(each.owner_id, each.uuid): each for each in owned}
        return {pair: found[pair] for pair in pairs if pair in found}

    def ready(self) -> DocumentQuerySet:
        return self.present().filter(status=Document.Status.READY)

    def outdated(self) -> DocumentQuerySet:
        """Made by an older importer, and not to be read again yet."""
        return self.ready().filter(importer__lt=IMPORTER, reread_wanted=None).exclude(source="")

    def to_reread(self) -> DocumentQuerySet:
        """To be read again, and in no worker's hands."""
        free = Q(reread_lease=None) | Q(reread_lease__lt=clock.now())
        return self.ready().filter(free, reread_wanted__isnull=False)

    def importing(self) -> DocumentQuerySet:
        return self.present().filter(status=Document.Status.IMPORTING)

    def lost_or_new(self) -> DocumentQuerySet:
        """Importing, and either never begun or without a sign of life for too long."""
        lost = clock.now() - IMPORT_IS_LOST_AFTER
        return self.importing().filter(growing=False).filter(Q(attempt=0) | Q(changed_at__lt=lost))

    def speech_owed(self) -> DocumentQuerySet:
        """Those whose blocks do not follow their rules yet, and nobody is at it."""
        free = Q(speech_lease_until=None) | Q(speech_lease_until__lt=clock.now())
        asked = Q(speech_asked__gt=F("speech_done"))
        return self.filter(free, asked, status=Document.Status.READY)


class Document(models.Model):
    """What a person brought in. ``revision`` rises when its blocks are made anew."""

    class Status(models.TextChoices):
        IMPORTING = "importing"
        READY = "ready"
        FAILED = "failed"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(
        max_length=10, default="text", help_text="The format of its source, as extraction names it."
    )
    title = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=300, blank=True)
    site = models.CharField(max_length=300, blank=True)
    address = models.URLField(max_length=2000, blank=True, help_text="Where a web page was found.")
    language = models.CharField(max_length=35, blank=True, help_text="BCP 47; empty: not known.")
    source = models.FileField(upload_to="uploads/")
    source_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    source_name = models.CharField(
        max_length=255, blank=True, help_text="The file's own name; empty for pasted text."
    )
    cover = models.CharField(max_length=40, blank=True, help_text="The name of its picture.")
    # Of the file, the pasted text or the address.
    source_hash = models.CharField(max_length=HASH_LENGTH, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.IMPORTING)
    growing = models.BooleanField(
        default=False, help_text="It is still being written, and importing for so long."
    )
    error = models.TextField(blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    block_count = models.PositiveIntegerField(default=0)
    part_count = models.PositiveIntegerField(default=0)
    parts_done = models.PositiveIntegerField(default=0)
    part_unit = models.CharField(max_length=20, blank=True, help_text="Such as pages.")
    anchors = models.JSONField(
        default=dict, blank=True, help_text="What links inside of it lead to: anchor to block."
    )
    left_out = models.JSONField(
        default=list, blank=True, help_text="What could not be read of it: [where, why]."
    )
    sounds = models.JSONField(
        null=True, editable=False, help_text="Of its own narration: their paths in the source."
    )
    importer = models.PositiveSmallIntegerField(
        default=0, help_text="The version of the importer that made its blocks."
    )
    reread_wanted = models.DateTimeField(
        null=True, blank=True, help_text="It is to be read again, and was last sent to be then."
    )
    reread_lease = models.DateTimeField(null=True, blank=True)
    reread_attempt = models.PositiveSmallIntegerField(default=0)
    reread_error = models.TextField(blank=True, help_text="Why it could not be read again.")
    speech_level = models.CharField(
        "what is read", max_length=20, default=USUAL, choices=[(name, name) for name in LEVELS]
    )
    speech_switches = models.JSONField(
        default=dict, blank=True, help_text="Single rules that differ from the level's."
    )
    # How often what decides its speech was changed, and up to which of these its blocks follow.
    speech_asked = models.PositiveIntegerField(default=0, editable=False)
    speech_done = models.PositiveIntegerField(default=0, editable=False)
    speech_lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text="Out of sight in the library, and found all the same."
    )
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="Gone for everyone; in the trash for a while."
    )
    purge_at = models.DateTimeField(
        null=True, editable=False, help_text="It is deleted for good from then on, bit by bit."
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(error=""), name="failed_document_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status="ready") | Q(block_count__gt=0),
                name="ready_document_has_blocks",
            ),
        ]
        indexes = [
            # The library: a person's documents, latest first.
            models.Index(fields=["owner", "-created_at"], name="document_by_owner"),
            # Whose blocks do not follow the rules yet?
            models.Index(
                fields=["id"],
                condition=Q(speech_asked__gt=F("speech_done")),
                name="document_speech_owed",
            ),
            # What is to be deleted for good?
            models.Index(
                fields=["purge_at"],
                condition=Q(purge_at__isnull=False),
                name="document_to_purge",
            ),
            # Was this brought in before?
            models.Index(fields=["owner", "source_hash"], name="document_by_source"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.uuid)

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.uuid])

    @property
    def is_outdated(self) -> bool:
        """Was it made by an older importer?"""
        is_ready = self.status == self.Status.READY and bool(self.source)
        return is_ready and self.importer < IMPORTER

    @property
    def needs_fetching(self) -> bool:
        """Whether its source is still somewhere on the web."""
        return bool(self.address and not self.source)

    @property
    def name(self) -> str:
        """What people are shown: the title, or where it comes from while it has none."""
        place = re.sub(r"^https?://(www\.)?|/$", "", self.address)
        return self.title or Truncator(place).chars(LONGEST_ADDRESS) or "A new document"


class OutlineEntry(models.Model):
    """A line of a document's outline: a heading or chapter, and the block that it begins with."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="outline")
    position = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    block_idx = models.PositiveIntegerField()

    class Meta:
        ordering = ["document", "position"]
        verbose_name_plural = "outline entries"
        constraints = [
            models.UniqueConstraint(
                fields=["document", "position"], name="one_outline_entry_per_place"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Picture(models.Model):
    """A picture that a document brought along."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=40, help_text="A hash of its bytes.")
    content_type = models.CharField(max_length=20)
    file = models.FileField(upload_to="pictures/")

    class Meta:
        ordering = ["document", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["document", "name"], name="one_picture_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class BlockQuerySet(models.QuerySet["Block"]):
    def bulk_create(self, objs: Iterable[Block], *args: Any, **options: Any) -> list[Block]:
        """Store blocks of one document, to be found by what they say from then on."""
        blocks = list(objs)
        with transaction.atomic():
            made = super().bulk_create(blocks, *args, **options)
            self._let_be_found(blocks)
        return made

    def saying(self, document: Document, text_hashes: Iterable[str]) -> BlockQuerySet:
        """Those of a document with these texts, in no order: theirs would go through all of it."""
        return self.filter(document=document, text_hash__in=text_hashes).order_by()

    def narrated(self) -> BlockQuerySet:
        """Those that are read in their document's own narration, and not to be said otherwise."""
        return self.filter(clips__isnull=False, correction="")

    def is_narrated(self) -> Q:
        """Return the condition that a block's text is read in its document's own narration.

        Equal texts have one sound: of two of which one is read, both are.
        """
        read = self.model.objects.narrated()
        return Q(
            Exists(read.filter(document=OuterRef("document"), text_hash=OuterRef("text_hash")))
        )

    def _let_be_found(self, blocks: list[Block]) -> None:
        if not blocks:
            return
        document = blocks[0].document
        shown = {block.idx: shown_text(block.html) for block in blocks}
        rows = Block.objects.filter(document=document, idx__gte=min(shown), idx__lte=max(shown))
        passages.put(
            (pk, document.owner_id, shown[idx])
            for pk, idx in rows.values_list("pk", "idx")
            if idx in shown
        )


class Block(models.Model):
    """One unit of a document in reading order: what is shown, what is spoken, and the map."""

    class Kind(models.TextChoices):
        HEADING = "heading"
        PARAGRAPH = "paragraph"
        LIST_ITEM = "list_item"
        QUOTATION = "quotation"
        TABLE = "table"
        CODE = "code"
        FIGURE = "figure"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="blocks")
    idx = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    level = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=35, blank=True)
    html = models.TextField(help_text="Shown; sanitised.")
    text = models.TextField(blank=True, help_text="Spoken; empty: the block is skipped.")
    text_hash = models.CharField(max_length=HASH_LENGTH, blank=True)
    characters = models.PositiveIntegerField(default=0, help_text="The length of the text.")
    silence = models.CharField(
        max_length=20, blank=True, help_text="The rule by which nothing of it is spoken."
    )
    unspoken = models.JSONField(
        default=list,
        blank=True,
        help_text="What rules leave out: [start in shown, end in shown, rule], in UTF-16 units.",
    )
    correction = models.TextField(blank=True, help_text="What a person wants to be spoken instead.")
    spans = models.JSONField(
        default=list,
        help_text="Spoken to shown: [start in text, start in shown, length], in UTF-16 units.",
    )
    clips = models.JSONField(
        null=True,
        editable=False,
        help_text="How it is read in the document's own narration: [start in shown, end in shown, "
        "which of its sounds, from ms, to ms].",
    )

    objects = BlockQuerySet.as_manager()

    class Meta:
        ordering = ["document_id", "idx"]  # not by the order of documents: that would join them
        constraints = [
            models.UniqueConstraint(fields=["document", "idx"], name="one_block_per_place"),
            models.CheckConstraint(
                condition=Q(text="", text_hash="") | (~Q(text="") & ~Q(text_hash="")),
                name="spoken_block_has_its_hash",
            ),
        ]
        indexes = [
            # May this person hear the sound of this text? What is this text of a long document?
            models.Index(fields=["text_hash", "document"], name="block_by_text"),
            # How long are a document's blocks? Its page and the library ask, without their texts.
            models.Index(fields=["document", "idx", "characters"], name="block_lengths"),
        ]

    def __str__(self) -> str:
        return f"{self.document} [{self.idx}]"

    @property
    def shown_html(self) -> str:
        """The markup with the addresses of its pictures and of the blocks that it links to."""
        address = f"/documents/{self.document.uuid}/pictures"
        html = OWN_PICTURE.sub(rf'src="{address}/\1/" loading="lazy"', self.html)
        return OWN_LINK.sub(self._link, html)

    def _link(self, found: re.Match[str]) -> str:
        idx = self.document.anchors.get(found[1])
        return "" if idx is None else f'href="#block-{idx}"'

    @property
    def is_skipped(self) -> bool:
        return not self.text
