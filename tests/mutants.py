"""Take each check against stale voices out, one at a time, and show the test that turns red.

    python -m tests.mutants
    python -m tests.mutants session: "is disposed of"    those with one of these in their names

A check that can be taken out without a test turning red is not tested: then this fails.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", ".gate", "__pycache__", "data", "node_modules"
)
LIMIT_SECONDS = 300
FAILED_TEST = r"^(?:FAILED|ERROR) ([^\s\[]+)"  # without its parameters

STREAMS, LINE = "reader/consumers/streams.py", "static/js/session/http/line.js"
CONSUMER, SESSION = "reader/consumers/session.py", "static/js/session/session.js"
CONNECTION, PLAYER = "static/js/session/connection.js", "static/js/player/player.js"
BLOCK_PLAYER, CUES = "static/js/player/block_player.js", "static/js/player/cues.js"
BLOCK_SOUND, DECK = "static/js/player/block_sound.js", "static/js/player/deck.js"

# What waits for ever without the check fails by that.
NODE = ["node", "--test", "--test-timeout", "60000", "--test-reporter", "tap"]
PYTEST = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "--show-capture=no"]
SERVER_TESTS = [
    f"tests/reader/test_{name}.py" for name in ("race", "session", "session_voice", "http_sessions")
]
PAGE_TESTS = [
    f"tests/js/{name}.test.js"
    for name in ("session", "voice_change", "player", "fetch_ahead", "live", "cues", "pauses",
                 "failures", "asking", "positions", "connection", "http")
]  # fmt: skip


JOIN = """\
        await self._join(set(keys) - self._joined)
"""
LOOK = """\
        standing = await database_sync_to_async(wanting.want_texts)(
            document=self.document,
            listener=self._listener,
            voice=self.voice,
            ranks=ranks,
            retry=retry,
        )
"""


@dataclass(frozen=True)
class Check:
    """A check of the code, and the same code without it."""

    what: str
    path: str
    code: str
    without: str


CHECKS = [
    Check(
        "consumer: a change of voice empties the wanted keys",
        CONSUMER,
        "event of the old voice finds its block.\n        self._wanted = {}\n",
        "event of the old voice finds its block.\n",
    ),
    Check(
        "consumer: news is for the keys wanted now, voice and all",
        CONSUMER,
        "        if key not in self._wanted:\n",
        "        texts = {wanted.partition('-')[0]: wanted for wanted in self._wanted}\n"
        "        key = texts.get(key.partition('-')[0], key)\n"
        "        if key not in self._wanted:\n",
    ),
    Check(
        "consumer: what is not newer is not told",
        CONSUMER,
        "            if told and not _is_news(state, told):\n                continue\n",
        "",
    ),
    Check(
        "consumer: a ready forgets what was told",
        CONSUMER,
        "        self._told.clear()\n",
        "",
    ),
    Check(
        "consumer: subscribe, then look",
        CONSUMER,
        JOIN + LOOK,
        LOOK + JOIN,
    ),
    Check(
        "consumer: a change of voice ends the wants in the old one",
        CONSUMER,
        "        with suppress(*AWAY):  # without Redis the old wants expire by themselves\n"
        "            await self._want_nothing()\n"
        "        try:\n",
        "        try:\n",
    ),
    Check(
        "consumer: block texts are those of the revision it tells of",
        "reader/services/wanting.py",
        "document__revision=document.revision, ",
        "",
    ),
    Check(
        "stream: messages are carried out in order",
        STREAMS,
        "            if number >= self._due:\n                self._early[number] = message\n",
        "            self._early[self._due + len(self._early)] = message\n",
    ),
    Check(
        "stream: one that goes on leaves nothing out",
        STREAMS,
        "for number, text in self._events if number > after]",
        "for number, text in self._events if number > after + 1]",
    ),
    Check(
        "line: what was heard is not heard again",
        LINE,
        "    if (id <= this.#last) return;\n",
        "",
    ),
    Check(
        "session: a ready in another voice is not believed",
        SESSION,
        "    if (!isAdopted && !sameVoice(voice, this.#voice)) {",
        "    if (false) {",
    ),
    Check(
        "session: a status in another voice is not believed",
        SESSION,
        "    if (!sameVoice(voiceOf(message), this.#voice)) return",
        "    if (false) return",
    ),
    Check(
        "session: nothing is believed before the ready that answers the last set_voice",
        SESSION,
        '    if (!this.answered) return this.#drop("before the answer", message);\n',
        "",
    ),
    Check(
        "session: block states are made new at a change",
        SESSION,
        "    this.#adoptNext = false;\n    this.#states = new BlockStates();\n",
        "    this.#adoptNext = false;\n",
    ),
    Check(
        "session: after a reconnect set_voice comes before synthesize",
        SESSION,
        "    } else {\n      this.#tellServerVoice();\n    }\n    this.#positions.connect();",
        "    } else {\n      this.#expectAnswer();\n      this.#asking.again();\n    }\n"
        "    this.#positions.connect();",
    ),
    Check(
        "session: a page from the browser's history connects afresh",
        SESSION,
        "    this.#connection.restart();\n",
        "",
    ),
    Check(
        "connection: a socket that was given up says nothing any more",
        CONNECTION,
        "      if (socket === this.#socket) handle(event);",
        "      handle(event);",
    ),
    Check(
        "player: a change of voice silences at once, before anything is sent",
        PLAYER,
        "    this.#block.fallSilent();\n    this.#session.setVoice(voice);\n",
        "    this.#session.setVoice(voice);\n",
    ),
    Check(
        "player: a change of voice drops what sounds and what was preloaded",
        BLOCK_PLAYER,
        "    const { litMarks: marks, positionMs } = this;\n    this.#deck.dropAll();\n",
        "    const { litMarks: marks, positionMs } = this;\n",
    ),
    Check(
        "block player: what was fetched before it plays goes with its voice",
        BLOCK_PLAYER,
        "    this.#deck.dropAll();\n    if (this.#idx === null) return;\n",
        "    if (this.#idx === null) return;\n    this.#deck.dropAll();\n",
    ),
    Check(
        "player: the preloaded next block is dropped with the current one",
        DECK,
        "    this.dropCurrent();\n    this.#next?.dispose();\n    this.#next = null;\n",
        "    this.dropCurrent();\n",
    ),
    Check(
        "player: a sound that is dropped is disposed of",
        DECK,
        "  dropCurrent() {\n    this.#current?.dispose();\n",
        "  dropCurrent() {\n",
    ),
    Check(
        "player: loading is aborted",
        BLOCK_SOUND,
        "    this.#life.abort();\n    this.#timers.clearAll();\n",
        "    this.#timers.clearAll();\n",
    ),
    Check(
        "player: a sound that comes after its time is disposed of",
        BLOCK_SOUND,
        "    if (this.#life.signal.aborted) {\n      handle.dispose();\n      return;\n    }\n",
        "",
    ),
    Check(
        "player: a sound that was dropped is not heard of",
        DECK,
        "      if (sound === this.#current) this.dispatchEvent(",
        "      this.dispatchEvent(",
    ),
    Check(
        "player: a play() granted late is that of the current sound, and still wanted",
        BLOCK_PLAYER,
        "        if (sound !== this.#current) return;\n"
        "        if (!this.isWanted) sound.handle.pause();\n"
        '        else if (sound.handle.isStalled) this.#wait("waiting");\n'
        "        else this.#sounding();\n",
        "        this.#sounding();\n",
    ),
    Check(
        "player: a play() refused late is that of the current sound",
        BLOCK_PLAYER,
        "        if (sound === this.#current) this.#refused(",
        "        this.#refused(",
    ),
    Check(
        "player: a voice that the server puts in its place silences the other",
        PLAYER,
        '      if (detail.by === "server") this.#block.fallSilent();\n',
        "",
    ),
    Check(
        "player: what was due in a sound ends with its voice",
        BLOCK_PLAYER,
        "    this.#cues.cancel();\n",
        "",
    ),
    Check(
        "player: a silence between two sentences ends with its voice",
        CUES,
        '    this.endHold();\n    this.#timers.clear("turn");\n',
        '    this.#timers.clear("turn");\n',
    ),
    Check(
        "player: a live sound ends with its voice, even before it can be heard",
        BLOCK_SOUND,
        "    this.#live?.dispose();\n",
        "",
    ),
]


def main() -> int:
    names = sys.argv[1:]
    checks = [c for c in CHECKS if not names or any(name in c.what for name in names)]
    width = max(len(check.what) for check in checks)
    # A test that is red anyway would pass for one that tells.
    with copied_tree() as tree:
        if red := failed_in_node(tree) or failed_in_pytest(tree, SERVER_TESTS):
            print(f"Red without any change: {red}")
            return 1
    survivors = 0
    for check in checks:
        started = time.monotonic()
        red = turns_red(check)
        survivors += red is None
        seconds = time.monotonic() - started
        print(f"{check.what:{width}}  {red or 'SURVIVED'}  ({seconds:.0f} s)", flush=True)
    print(f"\n{len(checks) - survivors} of {len(checks)} checks turn a test red when taken out.")
    return 1 if survivors else 0


def turns_red(check: Check) -> str | None:
    """Return the name of a test that fails without the check."""
    with copied_tree() as tree:
        take_out(check, tree / check.path)
        if check.path.endswith(".js"):
            return failed_in_node(tree) or failed_in_pytest(tree, ["tests/reader/test_race.py"])
        return failed_in_pytest(tree, SERVER_TESTS)


@contextmanager
def copied_tree() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lectern-mutant-") as folder:
        yield shutil.copytree(ROOT, Path(folder) / "tree", ignore=LEFT_BEHIND)


def take_out(check: Check, path: Path) -> None:
    text = path.read_text()
    if text.count(check.code) != 1:
        raise SystemExit(
            f"{check.path} has this check {text.count(check.code)} times: {check.what}"
        )
    path.write_text(text.replace(check.code, check.without))


def failed_in_pytest(tree: Path, arguments: Iterable[str]) -> str | None:
    """Return a test that fails, and fails again: one that does so by chance tells nothing."""
    by_chance: list[str] = []
    while True:
        left_out = [f"--deselect={test}" for test in by_chance]
        test = failure(run([*PYTEST, *arguments, *left_out], tree), FAILED_TEST)
        if test is None or failure(run([*PYTEST, test], tree), FAILED_TEST):
            return test
        print(f"Red by chance: {test}", flush=True)
        by_chance.append(test)


def failed_in_node(tree: Path) -> str | None:
    for path in PAGE_TESTS:
        done = run([*NODE, path], tree)
        # The innermost test comes first; the file itself is a test around it.
        if test := failure(done, r"^\s*not ok \d+ - (.*)$"):
            return f"{path}: {test}"
    return None


def failure(done: subprocess.CompletedProcess[str], pattern: str) -> str | None:
    """Return the first test that failed, or None; stop when the tests could not even run."""
    match = re.search(pattern, done.stdout, re.MULTILINE)
    if done.returncode and not match:
        raise SystemExit(f"The tests did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return match and match[1]


def run(command: list[str], tree: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "mutants"}
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS
    )


if __name__ == "__main__":
    sys.exit(main())
