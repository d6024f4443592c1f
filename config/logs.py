"""Logs as JSON: an object a line, whoever writes it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JSONLines(logging.Formatter):
    """Put what is not written by structlog, Celery's and Django's lines, into the same shape."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if message.startswith("{") and not record.exc_info:
            return message  # structlog's
        told = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": message,
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)
