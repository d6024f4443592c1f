"""Speech as OpenAI's API has it, so that any client of theirs can use these voices.

Also the voices as Kokoro-FastAPI lists them, and its sound with the times of words.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import wraps
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.db import connections
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from tts.audio.answers import TYPES, Answer
from tts.models import SpeechModel, Voice
from tts.saying import CannotSay, Line, Saying

from ..models import Scope, Token
from ..services import rates, tokens
from ..services.saying import LONGEST_TEXT, NothingToSay, begin_saying
from .asked import Asked, Refused, asked_of

log = structlog.get_logger(__name__)

View = Callable[..., Any]
# OpenAI's own, of sound that is sent as events.
DELTA, DONE = "speech.audio.delta", "speech.audio.done"
NO_STORE = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def refusal(refused: Refused) -> JsonResponse:
    """Answer as OpenAI does when something is wrong."""
    kind = "invalid_request_error" if refused.status < 429 else "server_error"
    error = {"message": refused.message, "type": kind, "param": refused.param, "code": refused.code}
    return JsonResponse({"error": error}, status=refused.status, headers=refused.headers)


def with_token(method: str) -> Callable[[View], View]:
    """Ask for a token that may have texts spoken; an asynchronous view gets it."""

    def decorator(view: View) -> View:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                if request.method != method:
                    allow = {"Allow": method}
                    raise Refused(405, f"Send {method}.", "method_not_allowed", headers=allow)
                token = await sync_to_async(_token_in)(request)
                response: HttpResponseBase = await view(request, token, *args, **kwargs)
                return response
            except Refused as refused:
                return refusal(refused)
            except Exception:
                log.exception("speech.failed", path=request.path)
                return refusal(Refused(500, "Something went wrong here, and was logged."))

        answer.may_upload = _may_upload  # type: ignore[attr-defined]
        return answer

    return decorator


def _token_in(request: HttpRequest) -> Token:
    token = tokens.bearer_of(request.headers.get("Authorization", ""))
    if token is None:
        raise Refused(
            401,
            "This key opens nothing. Make one in the settings of Lectern, with the scope speech.",
            "invalid_api_key",
            headers={"WWW-Authenticate": 'Bearer realm="Lectern"'},
        )
    if seconds := rates.seconds_to_wait(token):
        words = f"Too many requests in this minute. Wait {seconds} seconds."
        raise Refused(429, words, "rate_limit_exceeded", headers={"Retry-After": str(seconds)})
    if Scope.SPEECH not in token.scopes:
        raise Refused(403, "This key lacks the scope speech.", "insufficient_scope")
    return token


def _may_upload(request: HttpRequest) -> bool:
    token = tokens.bearer_of(request.META.get("HTTP_AUTHORIZATION", ""))
    return token is not None and Scope.SPEECH in token.scopes


@with_token("POST")
async def speech(request: HttpRequest, token: Token) -> HttpResponseBase:
    """Answer with a text as sound, from its first piece on."""
    asked = asked_of(request)
    saying = await _begin(token, asked)
    pieces = _encoded(saying, asked)
    # Whether there is a sound at all is known with its first piece.
    first = await _first(pieces)
    if asked.stream_format == "sse":
        body, kind = _events(first, pieces, asked), "text/event-stream"
    else:
        body, kind = _joined(first, pieces), TYPES[asked.response_format]
    return StreamingHttpResponse(body, headers={"Content-Type": kind, **NO_STORE})


@with_token("POST")
async def captioned(request: HttpRequest, token: Token) -> HttpResponseBase:
    """Answer with sound and the times of its words: a line of JSON for each part of the text."""
    asked = asked_of(request)
    saying = await _begin(token, asked)
    lines = _captioned(saying, asked)
    first = await _first(lines)
    if not asked.stream:
        told = [json.loads(each) async for each in _joined(first, lines)]
        audio = b"".join(base64.b64decode(each["audio"]) for each in told)
        stamps = [stamp for each in told for stamp in each["timestamps"]]
        whole = {**told[0], "audio": base64.b64encode(audio).decode(), "timestamps": stamps}
        return JsonResponse(whole, headers=NO_STORE)
    kind = {"Content-Type": "application/json", **NO_STORE}
    return StreamingHttpResponse(_joined(first, lines), headers=kind)


async def _begin(token: Token, asked: Asked) -> Saying:
    return await sync_to_async(_begun)(token, asked)


def _begun(token: Token, asked: Asked) -> Saying:
    voice = Voice.objects.by_slugs(asked.model, asked.voice).first()
    if voice is None:
        model = SpeechModel.objects.filter(model_slug=asked.model, enabled=True)
        if not model.exists():
            words = f"There is no model {asked.model!r} here: see /v1/models."
            raise Refused(404, words, "model_not_found", "model")
        words = f"The model has no voice {asked.voice!r}: see /v1/audio/voices."
        raise Refused(400, words, "invalid_value", "voice")
    if len(asked.input) > LONGEST_TEXT:
        words = f"The text is longer than {LONGEST_TEXT:,} characters."
        raise Refused(400, words, "string_above_max_length", "input")
    try:
        return begin_saying(user=token.user, text=asked.input, voice=voice)
    except NothingToSay:
        raise Refused(400, "There are no words in the text.", "invalid_value", "input") from None


async def _first(pieces: AsyncGenerator[bytes, None]) -> bytes:
    """Return the first piece. Raises Refused if there is none."""
    try:
        return await anext(pieces)
    except StopAsyncIteration:
        raise Refused(502, "The voice made no sound of this text.") from None
    except CannotSay as error:
        code = "insufficient_quota" if error.status == 429 else None
        raise Refused(error.status, error.message, code) from None


async def _joined(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece
    except CannotSay as error:
        # What raises into an answer under way leaves it hanging: it ends, shorter than it should.
        log.warning("speech.cut_short", reason=error.message)


async def _events(
    first: bytes, pieces: AsyncGenerator[bytes, None], asked: Asked
) -> AsyncGenerator[bytes, None]:
    """Yield the sound as server-sent events."""
    try:
        async with aclosing(pieces):
            yield _event({"type": DELTA, "audio": base64.b64encode(first).decode()})
            async for piece in pieces:
                yield _event({"type": DELTA, "audio": base64.b64encode(piece).decode()})
    except CannotSay as error:
        yield _event({"type": "error", "error": {"message": error.message, "code": None}})
        return
    count = len(asked.input)
    usage = {"input_tokens": count, "output_tokens": 0, "total_tokens": count}
    yield _event({"type": DONE, "usage": usage})


def _event(content: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()


async def _encoded(saying: Saying, asked: Asked) -> AsyncGenerator[bytes, None]:
    """Yield the file that was asked for, as it grows."""
    answer = Answer(asked.response_format, asked.speed)
    try:
        async with aclosing(saying.pieces()) as pieces:
            async for pcm in pieces:
                if piece := await asyncio.to_thread(answer.feed, pcm):
                    yield piece
        if rest := await asyncio.to_thread(answer.finish):
            yield rest
    finally:
        await sync_to_async(connections.close_all)()  # those of this request's own thread


async def _captioned(saying: Saying, asked: Asked) -> AsyncGenerator[bytes, None]:
    """Yield each part with its words' times, which count from the beginning of all."""
    answer = Answer(asked.response_format, asked.speed)
    begin = 0.0  # at the usual speed
    try:
        async with aclosing(saying.whole_lines()) as lines:
            async for line, said in lines:
                sound = await asyncio.to_thread(answer.feed, said.pcm)
                yield _caption(sound, asked, _stamps(line, said.marks, begin, asked.speed))
                begin += len(said.pcm) / 48  # bytes in a millisecond
        if rest := await asyncio.to_thread(answer.finish):
            yield _caption(rest, asked, [])
    finally:
        await sync_to_async(connections.close_all)()


def _caption(sound: bytes, asked: Asked, stamps: list[dict[str, Any]]) -> bytes:
    told = {
        "audio": base64.b64encode(sound).decode(),
        "audio_format": TYPES[asked.response_format],
        "timestamps": stamps,
    }
    return json.dumps(told).encode() + b"\n"


def _stamps(line: Line, marks: Any, begin_ms: float, speed: float) -> list[dict[str, Any]]:
    units = line.text.encode("utf-16-le")
    return [
        {
            "word": units[2 * start : 2 * end].decode("utf-16-le", "replace"),
            "start_time": round((begin_ms + start_ms) / speed / 1000, 3),
            "end_time": round((begin_ms + end_ms) / speed / 1000, 3),
        }
        for start, end, start_ms, end_ms in marks
    ]


# --- what there is ------------------------------------------------------------------------------


@with_token("GET")
async def voices(request: HttpRequest, token: Token) -> JsonResponse:
    """List the voices; with ``model``, those of that one."""
    return JsonResponse(await sync_to_async(_voices)(request.GET.get("model", "")))


def _voices(model_slug: str) -> dict[str, Any]:
    usable = Voice.objects.usable()
    own = usable.filter(speech_model__model_slug=model_slug) if model_slug else usable
    listed = [
        {
            "id": voice.voice_slug,
            "name": voice.name,
            "language": voice.language,
            "model": voice.speech_model.model_slug,
        }
        for voice in own
    ]
    return {"voices": listed}


@with_token("GET")
async def models(request: HttpRequest, token: Token) -> JsonResponse:
    return JsonResponse({"object": "list", "data": await sync_to_async(_models)()})


@with_token("GET")
async def model(request: HttpRequest, token: Token, name: str) -> JsonResponse:
    found = [each for each in await sync_to_async(_models)() if each["id"] == name]
    if not found:
        raise Refused(404, f"There is no model {name!r} here.", "model_not_found", "model")
    return JsonResponse(found[0])


def _models() -> list[dict[str, Any]]:
    usable = Voice.objects.usable().order_by("speech_model_id")
    slugs = dict.fromkeys(voice.speech_model.model_slug for voice in usable)
    return [
        {"id": slug, "object": "model", "created": 0, "owned_by": "lectern",
         "task": "text-to-speech"}
        for slug in slugs
    ]  # fmt: skip
