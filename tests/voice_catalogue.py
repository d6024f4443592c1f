"""A catalogue of voices of the tests: Piper's and hibari's files over real HTTP, with all faults.

``piece_seconds``: so long it waits after each 64 KB. ``cut_at``: it breaks off after so many bytes
of a file. ``missing``: paths it does not have. ``redirects``: where paths lead.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.tts.piper_voice import CONFIG, JOE, MODEL

PIECE = 64 * 1024
FOLDER = "en/en_US/joe/medium"
CARD = "# Model card for joe (medium)\n\n* Language: en_US\n\n* License: CC0\n"


class VoiceCatalogue:
    """The server, for as long as the block lasts."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {
            f"{FOLDER}/{JOE}.onnx": MODEL.read_bytes(),
            f"{FOLDER}/{JOE}.onnx.json": CONFIG.read_bytes(),
            f"{FOLDER}/MODEL_CARD": CARD.encode(),
            f"{FOLDER}/samples/speaker_0.mp3": b"ID3 a sample",
        }
        self.listed: dict[str, Any] = {}
        self.list_voice(JOE, FOLDER)
        self.piece_seconds = 0.0
        self.cut_at: int | None = None
        self.missing: set[str] = set()
        self.redirects: dict[str, str] = {}
        self.takes_ranges = True
        self.asked: list[tuple[str, str]] = []  # path and range

    def list_voice(self, name: str, folder: str, **changes: Any) -> None:
        """Put a voice into the list, as Piper's catalogue does it."""
        code, person, quality = name.split("-")
        paths = [
            path for path in self.files if path.startswith(f"{folder}/") and "samples" not in path
        ]
        self.listed[name] = {
            "key": name, "name": person, "quality": quality, "num_speakers": 1,
            "language": {
                "code": code, "family": code[:2], "region": code[3:], "name_native": "English",
                "name_english": {"en": "English", "de": "German"}[code[:2]],
                "country_english": {"US": "United States", "DE": "Germany"}[code[3:]],
            },
            "speaker_id_map": {}, "aliases": [],
            "files": {
                path: {
                    "size_bytes": len(self.files[path]),
                    "md5_digest": hashlib.md5(self.files[path]).hexdigest(),
                }
                for path in paths
            },
        } | changes  # fmt: skip

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/voices/"

    def __enter__(self) -> VoiceCatalogue:
        catalogue = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                catalogue._answer(self)

            do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.removeprefix("/voices/").partition("?")[0]
        asked = request.headers.get("Range", "")
        self.asked.append((path, asked))
        if path in self.redirects:
            request.send_response(302)
            request.send_header("Location", self.redirects[path])
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        data = json.dumps(self.listed).encode() if path == "voices.json" else self.files.get(path)
        if data is None or path in self.missing:
            request.send_response(404)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.takes_ranges else 0
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        request.send_header("Content-Length", str(len(data) - start))
        request.end_headers()
        if request.command == "HEAD":
            return
        self._send(request, data[start:], paced=path.endswith(".onnx"))

    def _send(self, request: BaseHTTPRequestHandler, data: bytes, *, paced: bool) -> None:
        try:
            for at in range(0, len(data), PIECE):
                if paced and self.cut_at is not None and at >= self.cut_at:
                    request.close_connection = True
                    request.connection.close()
                    return
                request.wfile.write(data[at : at + PIECE])
                if paced and self.piece_seconds:
                    time.sleep(self.piece_seconds)
        except OSError:
            request.close_connection = True
