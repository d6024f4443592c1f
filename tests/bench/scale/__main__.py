"""``make bench-scale``: what the system does at its limit, and what that costs, beside the floors.

    python -m tests.bench.scale              every row
    python -m tests.bench.scale opus change  these rows alone

All processes of the Procfile run as ``make run`` starts them, on loopback, and what they cost is
counted whole: web, workers, jobs, beat and Redis, to the last ``cached`` and to the last mark. The
floor of a row is the same work without our parts (tests/bench/floors.py), in two processes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from ..servers import running_server
from ..stack import Stack
from .bench import Bench
from .delays import change, first, listeners, one, words
from .memory import memory
from .throughput import espeak, heart, opus, wav

Row = Callable[[Bench], Awaitable[None]]
ROWS: dict[str, Row] = {
    row.__name__: row
    for row in (memory, opus, wav, espeak, heart, one, change, listeners, first, words)
}


def main() -> int:
    names = sys.argv[1:] or list(ROWS)
    if unknown := set(names) - set(ROWS):
        print(f"There is no row {', '.join(unknown)}; there are: {', '.join(ROWS)}.")
        return 1
    with Stack(log_level="INFO", counts=True) as stack, running_server() as server:
        stack.add_server(server.address)
        print(f"{stack.machine()}; {stack.format}, blocks of about 250 characters\n")
        bench = Bench(stack, server)
        for name in names:
            asyncio.run(ROWS[name](bench))
    return 0


if __name__ == "__main__":
    sys.exit(main())
