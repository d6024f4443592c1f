"""A short round of what ``make faults`` does at length."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# What makes the sound, Redis and web are killed at once: what has to work together most.
SHORT = {"FAULTS": "kill-short", "ROUNDS": "1", "BLOCKS": "24", "DATABASE": "sqlite"}


@pytest.mark.long
def test_nothing_is_lost_and_it_sounds_again():
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults"],
        env={**os.environ, **SHORT},
        capture_output=True,
        text=True,
        timeout=600,  # of a machine with other work
        check=False,
    )
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr
