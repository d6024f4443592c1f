"""One terminal for many speakers: whole lines, each with its speaker's name."""

from __future__ import annotations

import os
import queue
import sys
import threading
from typing import TextIO

NAME_WIDTH = 8
COLOURS = (36, 33, 32, 35, 34, 31)
# A terminal that is not read (a full pipe) must not stop the web process: beyond these, lines
# are dropped.
LINES_KEPT = 10_000
FLUSH_SECONDS = 2


class Console:
    """Write lines from any thread; nobody who speaks waits for the terminal."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._coloured = stream.isatty() and "NO_COLOR" not in os.environ
        self._colours: dict[str, int] = {}
        self._lines: queue.Queue[str | None] = queue.Queue(LINES_KEPT)
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def say(self, name: str, text: str) -> None:
        """Write each line of the text behind the name."""
        for line in text.rstrip().splitlines() or [""]:
            try:
                self._lines.put_nowait(f"{self._label(name)} {line}\n")
            except queue.Full:
                return

    def close(self) -> None:
        """Wait a moment for what was said to be written."""
        try:
            self._lines.put(None, timeout=FLUSH_SECONDS)
        except queue.Full:
            return
        self._writer.join(FLUSH_SECONDS)

    def _label(self, name: str) -> str:
        label = f"{name:<{NAME_WIDTH}}|"
        if not self._coloured:
            return label
        colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
        return f"\x1b[{colour}m{label}\x1b[0m"

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._stream.write(line)
                self._stream.flush()
            except OSError:
                # Nobody reads any more; the processes go on all the same.
                continue
