"""People, their documents, the documents' blocks, and where each person is in them."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from tts.models import HASH_LENGTH, Voice

from .spoken import LEVELS, USUAL

OWN_LINK = re.compile(r'href="block:([^"]*)"')
OWN_PICTURE = re.compile(r'src="picture:([0-9a-f]{40})"')
MIN_SPEED, MAX_SPEED = 0.5, 3.0
# Longer than an import may be silent before it is given up.
IMPORT_IS_LOST_AFTER = timedelta(seconds=75)

# A worker that prepares and is not heard from for so long has died.
PREPARATION_LEASE = timedelta(seconds=90)
PAUSES = [
    (0, "None"),
    (200, "Short"),
    (400, "Medium"),
    (800, "Long"),
    (1500, "Very long"),
]
REWINDS = [(0, "None"), (1000, "1 second"), (2000, "2 seconds"), (5000, "5 seconds")]


class Theme(models.TextChoices):
    SYSTEM = "system", "As the device has it"
    LIGHT = "light", "Light"
    SEPIA = "sepia", "Sepia"
    DARK = "dark", "Dark"
    CONTRAST = "contrast", "High contrast"


class TextFace(models.TextChoices):
    SERIF = "serif", "Literata"
    SANS = "sans", "The device's own"
    LEGIBLE = "legible", "Atkinson Hyperlegible"
    DYSLEXIC = "dyslexic", "OpenDyslexic"


# The steps of what can be chosen of the look of the text; the style sheet knows the same ones.
TEXT_SIZES = [80, 90, 100, 110, 125, 150, 175, 200]
LINE_HEIGHTS = [140, 155, 168, 185, 210]
MEASURES = [45, 55, 66, 80]
LETTER_SPACINGS = [0, 3, 6, 12]


class User(AbstractUser):
    """A person, with how they like to listen."""

    voice = models.ForeignKey(
        Voice,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty: the voice of this installation.",
    )
    speed = models.FloatField(default=1.0)
    pause_ms = models.PositiveSmallIntegerField(
        "pause between paragraphs", choices=PAUSES, default=400, help_text="Shorter when faster."
    )
    own_voices = models.BooleanField(
        "Read other languages in voices of their own",
        default=False,
        help_text="Where a document changes its language, the voice changes too.",
    )
    sentence_pause_ms = models.PositiveSmallIntegerField(
        "pause between sentences",
        choices=PAUSES,
        default=0,
        help_text="Beside the one that the voice makes.",
    )
    heading_pause_ms = models.PositiveSmallIntegerField(
        "pause after a heading", choices=PAUSES, default=800
    )
    rewind_ms = models.PositiveSmallIntegerField(
        "go back after a pause",
        choices=REWINDS,
        default=2000,
        help_text="So that the thread is found again.",
    )
    volume = models.FloatField(default=1.0)
    auto_play = models.BooleanField("Play when a document is opened", default=False)
    favourites = models.ManyToManyField(Voice, blank=True, related_name="+")

    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    text_face = models.CharField(
        "typeface", max_length=10, choices=TextFace.choices, default=TextFace.SERIF
    )
    text_size = models.PositiveSmallIntegerField("size of the text", default=100, help_text="In %.")
    line_height = models.PositiveSmallIntegerField(
        default=168, help_text="In hundredths of the size of the text."
    )
    measure = models.PositiveSmallIntegerField(
        "length of lines", default=66, help_text="In characters, about."
    )
    letter_spacing = models.PositiveSmallIntegerField(
        default=0, help_text="In hundredths of the size of the text."
    )
    kept_sounds_mb = models.PositiveIntegerField(
        "sound kept in the browser",
        default=200,
        help_text="In MB, in each browser. 0: none.",
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(speed__gte=MIN_SPEED, speed__lte=MAX_SPEED), name="speed_in_range"
            ),
            models.CheckConstraint(
                condition=Q(volume__gte=0, volume__lte=1), name="volume_in_range"
            ),
        ]


class LanguageVoice(models.Model):
    """The voice that a person chose last for documents of a language."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="language_voices")
    language = models.CharField(max_length=8, help_text="The primary subtag, such as en.")
    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "language"], name="one_voice_for_a_language")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.language} by {self.voice}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def present(self) -> DocumentQuerySet:
        """Those that are not deleted: what is stays a while, for whoever takes that back."""
        return self.filter(deleted_at=None)

    def discarded(self) -> DocumentQuerySet:
        return self.exclude(deleted_at=None)

    def visible_to(self, user: User) -> DocumentQuerySet:
        return self.present().filter(owner=user)

    def importing(self) -> DocumentQuerySet:
        return self.present().filter(status=Document.Status.IMPORTING)

    def lost_or_new(self) -> DocumentQuerySet:
        """Importing, and either never begun or without a sign of life for too long."""
        lost = timezone.now() - IMPORT_IS_LOST_AFTER
        return self.importing().filter(Q(attempt=0) | Q(changed_at__lt=lost))


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
    source_name = models.CharField(
        max_length=255, blank=True, help_text="The file's own name; empty for pasted text."
    )
    cover = models.CharField(max_length=40, blank=True, help_text="The name of its picture.")
    source_hash = models.CharField(max_length=HASH_LENGTH, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.IMPORTING)
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
    speech_level = models.CharField(
        "what is read", max_length=20, default=USUAL, choices=[(name, name) for name in LEVELS]
    )
    speech_switches = models.JSONField(
        default=dict, blank=True, help_text="Single rules that differ from the level's."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="Gone for everyone; taken back for a while."
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
            # Was this file brought in before?
            models.Index(fields=["owner", "source_hash"], name="document_by_source"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.uuid)

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.uuid])


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

    class Meta:
        ordering = ["document", "idx"]
        constraints = [
            models.UniqueConstraint(fields=["document", "idx"], name="one_block_per_place"),
            models.CheckConstraint(
                condition=Q(text="", text_hash="") | (~Q(text="") & ~Q(text_hash="")),
                name="spoken_block_has_its_hash",
            ),
        ]
        indexes = [
            # May this person hear the sound of this text?
            models.Index(fields=["text_hash"], name="block_by_text_hash"),
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

    @property
    def characters(self) -> int:
        """The length of the spoken text in UTF-16 units, as the page counts."""
        return len(self.text.encode("utf-16-le", "surrogatepass")) // 2


class LexiconEntry(models.Model):
    """A word of a person's own lexicon, and what is said instead."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="lexicon")
    word = models.CharField(max_length=100)
    say = models.CharField("say it so", max_length=200)
    language = models.CharField(
        max_length=35, blank=True, help_text="Only in this language, such as en. Empty: in all."
    )
    match_case = models.BooleanField("only in this spelling of capitals", default=False)
    whole_word = models.BooleanField("only as a whole word", default=True)

    class Meta:
        ordering = ["user", "word"]
        verbose_name_plural = "lexicon entries"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "word", "language"], name="one_entry_for_a_word"
            )
        ]

    def __str__(self) -> str:
        return self.word


class PreparationQuerySet(models.QuerySet["Preparation"]):
    def present(self) -> PreparationQuerySet:
        """Those of documents that are not deleted."""
        # By a subquery of its own: an UPDATE through a join would look at the lease in that too,
        # and two workers could take it at once.
        return self.filter(document__in=Document.objects.present())


class Preparation(models.Model):
    """The making of a whole document's sound ahead of its time. A document has one at most."""

    class Status(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        FAILED = "failed"

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="preparation")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="+")
    sound = models.CharField(max_length=10, blank=True, help_text="The name of the format.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RUNNING)
    done = models.PositiveIntegerField(default=0, help_text="Blocks that have their sound.")
    total = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, help_text="Blocks that cannot be made.")
    error = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = PreparationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.document} in {self.voice}: {self.done} of {self.total}"

    def take(self) -> bool:
        """Have it to oneself until the lease expires; False if another worker has it."""
        now = timezone.now()
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return bool(
            Preparation.objects.present()
            .filter(free, pk=self.pk, status=self.Status.RUNNING)
            .update(lease_until=now + PREPARATION_LEASE)
        )

    def keep(self, **changes: Any) -> bool:
        """Note how far it is and renew the lease; False when it was stopped or begun anew."""
        kept = (
            Preparation.objects.present()
            .filter(pk=self.pk, status=self.Status.RUNNING, voice=self.voice, sound=self.sound)
            .update(
                **{
                    "lease_until": timezone.now() + PREPARATION_LEASE,
                    "changed_at": timezone.now(),
                    **changes,
                }
            )
        )
        for name, value in changes.items():
            setattr(self, name, value)
        return bool(kept)


class Position(models.Model):
    """Where a person is in a document."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="positions")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="positions")
    block_idx = models.PositiveIntegerField(default=0)
    offset_ms = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "document"], name="one_position_per_document")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.document} at {self.block_idx}"


class DocumentPreferences(models.Model):
    """How a person likes to listen to one document, where it differs from the usual."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    voice = models.ForeignKey(
        Voice, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    speed = models.FloatField(null=True, blank=True)
    folded = models.JSONField(
        default=list, blank=True, help_text="First blocks of the chapters that are skipped."
    )

    class Meta:
        verbose_name_plural = "document preferences"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "document"], name="one_preferences_per_document"
            ),
            models.CheckConstraint(
                condition=Q(speed=None) | Q(speed__gte=MIN_SPEED, speed__lte=MAX_SPEED),
                name="document_speed_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.document}"


class Annotation(models.Model):
    """A place or a passage that a person marked in a document, perhaps with a note.

    Offsets count the shown text of their blocks in UTF-16 units.
    """

    class Kind(models.TextChoices):
        BOOKMARK = "bookmark"
        HIGHLIGHT = "highlight"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="annotations")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="annotations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    block_idx = models.PositiveIntegerField()
    start = models.PositiveIntegerField(default=0)
    end_block_idx = models.PositiveIntegerField()
    end = models.PositiveIntegerField(default=0)
    quote = models.TextField(help_text="The text that was marked.")
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["document", "block_idx", "start", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_block_idx__gt=models.F("block_idx"))
                | Q(end_block_idx=models.F("block_idx"), end__gte=models.F("start")),
                name="annotation_ends_after_its_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.document} at {self.block_idx}"
