"""People, and how they like to read and listen."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from tts.models import Voice

MIN_SPEED, MAX_SPEED = 0.5, 3.0
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
    archive_finished = models.BooleanField(
        "Archive what was heard to its end in the queue", default=False
    )
    natural_voice_offered = models.BooleanField(
        default=False,
        editable=False,
        help_text="They took the natural voice that was offered to them, or did not want it.",
    )
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

    max_documents = models.PositiveIntegerField(
        "documents at most", null=True, blank=True, help_text="Empty: as for everybody. 0: any."
    )
    max_mb = models.PositiveIntegerField(
        "MB of documents at most", null=True, blank=True, help_text="Empty: as for everybody."
    )
    max_imports_per_day = models.PositiveIntegerField(
        "imports a day at most", null=True, blank=True, help_text="Empty: as for everybody."
    )

    times_signed_out = models.PositiveIntegerField(
        default=0, editable=False, help_text="So often did they sign out everywhere."
    )
    leaving_at = models.DateTimeField(
        null=True, editable=False, help_text="They deleted their account: it is going since then."
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

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sign sessions with how often they were all ended besides: signing out everywhere ends
        those that nobody has a list of, too."""
        signed: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]
        return f"{signed}.{self.times_signed_out}" if self.times_signed_out else signed


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
