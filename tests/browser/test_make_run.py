"""From a clean clone, with no network and an empty home: two commands, and it reads aloud."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from .stack import ROOT

# Between paragraphs, for who has chosen nothing.
USUAL_PAUSE_MS = 400


def has_namespaces() -> bool:
    return subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0


@pytest.mark.alone
@pytest.mark.skipif(not has_namespaces(), reason="this machine gives no network namespace")
def test_a_clean_clone_reads_aloud_with_no_network(tmp_path):
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
    # The dependencies are installed before: what is tested is that nothing else is fetched.
    (checkout / ".venv").symlink_to(Path(sys.prefix))
    folder = tmp_path / "run"
    folder.mkdir()
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", "tests.browser.alone", checkout, folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    gaps = statistics.quantiles([abs(ms - USUAL_PAUSE_MS) for ms in seen["silences"]], n=20)
    print(f"silence beside the usual pause: p50 {gaps[9]:.0f} ms, p95 {gaps[18]:.0f} ms")
    assert len(seen["silences"]) == 29
    assert gaps[18] <= 150
    assert seen["voice"].splitlines()[-1] == "Heart"
    assert seen["blocks"] == list(range(30))
    assert seen["words"] >= 30 * 4
    assert seen["processes left"] == []
    assert seen["sockets left"] == []
    assert seen["reached outside"] is False
