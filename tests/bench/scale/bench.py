"""What all rows of ``make bench-scale`` have: the processes, a speech server, documents."""

from __future__ import annotations

from dataclasses import dataclass

from ..servers import Server
from ..stack import Stack

SESSIONS, BLOCKS_PER_SESSION = 25, 12
BLOCK_MS = 16_700  # so long lasts a block of 250 characters


@dataclass(slots=True)
class Bench:
    """The processes, the speech server, and the documents so far."""

    stack: Stack
    server: Server
    documents: int = 0

    def document(self, blocks: int) -> str:
        self.documents += 1
        return self.stack.add_document(blocks, salt=f"scale {self.documents} ")

    def speak(self, encoding: str, **answer: object) -> None:
        """Have the server speak in this encoding, and everybody listen to it."""
        self.stack.change_model("server", response_format=encoding)
        self.server.answer(lasts_ms=BLOCK_MS, **answer)
        self.stack.listen_in("server", "500")
