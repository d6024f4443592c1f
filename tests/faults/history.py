"""What happened, compared with what is there."""

from __future__ import annotations

import io
import os
import time
from collections import Counter
from pathlib import Path

import av

from .installation import Installation
from .listener import Listener

AGREE_SECONDS = 5.0
SETTLE_SECONDS = 45.0


def check(installation: Installation, uuid: str, listener: Listener) -> tuple[list[str], int]:
    """Return what is wrong, and how many left files the system's own round had to collect."""
    problems = list(listener.problems)
    problems += unfinished(listener)
    time.sleep(AGREE_SECONDS)
    problems += disagreements(uuid, listener)
    problems += bad_sounds(uuid)
    problems += processes_left(installation)
    collected, left = strays(installation)
    return problems + left, collected


def unfinished(listener: Listener) -> list[str]:
    """Each wanted block has ended."""
    return [
        f"block {idx} ended {status['status']}: {status.get('error')}"
        for idx, status in sorted(listener.told.items())
        if status["status"] not in ("cached", "skipped", "error")
    ]


def disagreements(uuid: str, listener: Listener) -> list[str]:
    """What the page was told last is what stands in the database; nothing stands there twice."""
    from reader.models import Block
    from tts.models import AudioVariant

    texts = dict(Block.objects.filter(document__uuid=uuid).values_list("idx", "text_hash"))
    rows = list(AudioVariant.objects.filter(text_hash__in=texts.values()))
    problems = [
        f"{count} sounds for {key}"
        for key, count in Counter(row.key for row in rows).items()
        if count > 1
    ]
    by_text = {row.text_hash: row for row in rows}
    problems += [
        f"{row.pk} is still {row.status}, attempt {row.attempt}, {row.error!r}"
        for row in rows
        if row.status not in ("cached", "error")
    ]
    for idx, status in sorted(listener.told.items()):
        row = by_text.get(texts.get(idx, ""))
        if row is None:
            if status["status"] != "skipped":
                problems.append(f"block {idx} was told {status['status']} and has no sound")
        elif row.status != status["status"]:
            problems.append(f"block {idx} was told {status['status']} and is {row.status}")
        elif row.status == "cached" and f"/{row.sound_revision}/" not in status["audio_url"]:
            problems.append(f"block {idx} was told {status['audio_url']}, not {row.sound_revision}")
    return problems


def bad_sounds(uuid: str) -> list[str]:
    """Each stored sound is what was stored, and decodes to as much as is told."""
    from reader.models import Block
    from tts.models import AudioVariant
    from tts.synthesis.attempts import sound_hash

    problems = []
    texts = Block.objects.filter(document__uuid=uuid).values("text_hash")
    for row in AudioVariant.objects.filter(status="cached", text_hash__in=texts):
        try:
            with row.file.open() as file:
                sound = file.read()
            if sound_hash([sound]) != row.sound_hash or len(sound) != row.bytes:
                problems.append(f"{row.file.name} is not what was stored")
            seconds = decoded_seconds(sound)
            if abs(seconds - row.duration_ms / 1000) > 0.2:
                problems.append(f"{row.file.name} lasts {seconds:.2f} s, not {row.duration_ms} ms")
        except (OSError, av.FFmpegError) as error:
            problems.append(f"{row.file.name} cannot be read: {error}")
    return problems


def decoded_seconds(sound: bytes) -> float:
    with av.open(io.BytesIO(sound)) as container:
        frames = container.decode(audio=0)
        return sum(frame.samples / frame.sample_rate for frame in frames)


def processes_left(installation: Installation) -> list[str]:
    """All is in order again, and nothing hangs about."""
    problems = []
    deadline = time.monotonic() + SETTLE_SECONDS
    while not installation.is_ready() and time.monotonic() < deadline:
        time.sleep(0.5)
    status, told = installation.readyz()
    if status != 200:
        failing = {
            k: v.get("words") for k, v in told.get("details", {}).items() if not told.get(k, True)
        }
        problems.append(f"/readyz answers {status}: {failing}")
    if strays := installation.strays():
        problems.append(f"processes without a parent: {strays}")
    if len(zombies := installation.zombies()) > 1:
        time.sleep(3)
        if remaining := set(zombies) & set(installation.zombies()):
            problems.append(f"zombies: {sorted(remaining)}")
    return problems


def strays(installation: Installation) -> tuple[int, list[str]]:
    """Have the system collect what was left, as if it were old; return how much, and what stays."""
    from reader.tasks import sweep_files
    from tts.models import AudioVariant

    root = Path(installation.data_dir) / "files"
    now = time.time()
    before = [path for path in root.rglob("*") if path.is_file()]
    for path in before:
        os.utime(path, (now - 7200, now - 7200))
    sweep_files()
    after = [path for path in root.rglob("*") if path.is_file()]
    known = set(AudioVariant.objects.exclude(file="").values_list("file", flat=True))
    left = [
        f"a file that belongs to nothing: {path.relative_to(root)}"
        for path in (root / "audio").rglob("*")
        if path.is_file() and str(path.relative_to(root)) not in known
    ]
    missing = [f"{name} is not there" for name in sorted(known) if not (root / name).exists()]
    return len(before) - len(after), left + missing
