"""A mail server that keeps what it is sent: real SMTP, on this machine alone."""

from __future__ import annotations

import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller

WITHIN_SECONDS = 30.0


class MailServer:
    """Takes every mail. Use it as a context manager."""

    def __init__(self, port: int) -> None:
        self.mails: list[EmailMessage] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 Taken"

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def link_to(self, address: str, about: str = "") -> str:
        """Wait for a mail to this address, with this in its subject; return the link in it."""
        deadline = time.monotonic() + WITHIN_SECONDS
        while time.monotonic() < deadline:
            for mail in reversed(self.mails):
                if mail["to"] == address and about in mail["subject"]:
                    return re.search(r"https?://\S+/accounts/\S+", mail.get_content())[0]
            time.sleep(0.1)
        raise AssertionError(f"No mail came to {address}: {[m['subject'] for m in self.mails]}")
