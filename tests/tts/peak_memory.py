"""How much memory a program took at most, in a process that nothing else made larger."""

import os
import subprocess
import sys
from pathlib import Path

TELL = "\nprint(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])\n"


def peak_memory_mb(program: str, data_dir: Path, *arguments: str) -> float:
    """Run a program with Django set up, and return the most it had in memory, in MB."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": str(data_dir),
    }
    command = [sys.executable, "-c", f"import sys, django; django.setup()\n{program}{TELL}"]
    done = subprocess.run(
        [*command, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1]) / 1024
