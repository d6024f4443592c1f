"""Ask the catalogues: hibari's, which is in its package, and Piper's, which is on its server."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

from django.conf import settings

from tts.connections import PREFIX, redis_client
from tts.engines.hibari import files as hibari
from tts.engines.piper.folder import bcp47

from . import transfer
from .offers import NAME, File, Offer
from .transfer import Source, TransferFailed

INDEX = "voices.json"
LARGEST_INDEX = 20_000_000
LARGEST_CARD = 100_000
MOST_VOICES = 5_000
INDEX_SECONDS = 8.0
# So long is what Piper's catalogue said believed, and so long that it does not answer.
FRESH_SECONDS, FAILED_SECONDS = 600.0, 10.0
CARDS_AT_ONCE, CARD_SECONDS = 8, 3.0
CARD_IS_KEPT_SECONDS = 7 * 24 * 3600
LICENCE = re.compile(r"^[\W_]*licen[cs]e[\W_]*?:?[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
HIBARI_LICENCE = "Apache-2.0"


def hibari_source() -> Source:
    own = settings.HIBARI_VOICES_URL
    return Source(own or _address_in_hibari(), is_own=bool(own))


def piper_source() -> Source:
    own = settings.PIPER_VOICES_URL
    return Source(own or _address_in_piper(), is_own=bool(own))


def source_of(engine: str) -> Source:
    return hibari_source() if engine == "hibari" else piper_source()


def hibari_offers() -> list[Offer]:
    """Return hibari's further voices: they are listed in its package."""
    source = hibari_source()
    return [
        Offer(
            name=voice.name,
            engine="hibari",
            title=voice.name.capitalize(),
            language=voice.language,
            language_name="English",
            files=(
                File(
                    voice.file, source.url(quote(voice.file)), voice.bytes, "sha256", voice.sha256
                ),
            ),
            quality="high",
            licence=HIBARI_LICENCE,
        )
        for voice in hibari.registry().values()
        if not voice.bundled
    ]


def piper_offers() -> list[Offer]:
    """Return what Piper's catalogue offers, as it said lately. Raises TransferFailed."""
    source = piper_source()
    with _asking:
        known = _known.get(source)
        if known is None or time.monotonic() > known[0]:
            known = _known[source] = _ask(source)
    if isinstance(known[1], TransferFailed):
        raise known[1]
    return known[1]


def offer_named(name: str) -> Offer:
    """Return the voice of that name, or alias. Raises LookupError or TransferFailed, in words."""
    offers = hibari_offers()
    if not any(offer.name == name for offer in offers):
        offers = piper_offers()
    for offer in offers:
        if name == offer.name or name in offer.aliases:
            return offer
    raise LookupError(
        f"No catalogue has a voice {name!r}. Names are such as de_DE-thorsten-medium."
    )


def with_cards(offers: Sequence[Offer]) -> list[Offer]:
    """Return these with the licence that each one's card tells, and a sample where there is one."""
    with ThreadPoolExecutor(CARDS_AT_ONCE) as pool:
        return list(pool.map(_with_card, offers))


def card(offer: Offer) -> str:
    """Return what the catalogue tells about a voice, "" if nothing. Raises TransferFailed."""
    if not offer.card_url:
        return ""
    data = transfer.read(
        source_of(offer.engine), offer.card_url, most_bytes=LARGEST_CARD, seconds=CARD_SECONDS
    )
    return data.decode("utf-8", "replace")


def licence_in(text: str) -> str:
    """Return what a card says of the licence, "" if nothing."""
    found = LICENCE.search(text)
    return found[1].strip()[:200] if found else ""


def _with_card(offer: Offer) -> Offer:
    if not offer.card_url:
        return offer
    key = f"{PREFIX}:voice-card:{offer.card_url}"
    if kept := redis_client().get(key):
        told = json.loads(kept)
    else:
        try:
            licence = licence_in(card(offer))
        except TransferFailed:
            return replace(offer, sample_url="")  # the next look may find more
        source = source_of(offer.engine)
        has_sample = transfer.is_there(source, offer.sample_url, seconds=CARD_SECONDS)
        told = {"licence": licence, "sample": has_sample}
        redis_client().set(key, json.dumps(told), ex=CARD_IS_KEPT_SECONDS)
    return replace(
        offer,
        licence=offer.licence or told["licence"],
        sample_url=offer.sample_url if told["sample"] else "",
    )


_known: dict[Source, tuple[float, list[Offer] | TransferFailed]] = {}
_asking = threading.Lock()


def _ask(source: Source) -> tuple[float, list[Offer] | TransferFailed]:
    try:
        data = transfer.read(
            source, source.url(INDEX), most_bytes=LARGEST_INDEX, seconds=INDEX_SECONDS
        )
        offers = list(_offers_in(data, source))
    except TransferFailed as error:
        return time.monotonic() + FAILED_SECONDS, error
    return time.monotonic() + FRESH_SECONDS, offers


def _offers_in(data: bytes, source: Source) -> Iterator[Offer]:
    try:
        listed = json.loads(data)
        entries = list(listed.items())[:MOST_VOICES]
    except (ValueError, AttributeError, RecursionError) as error:
        raise TransferFailed(f"What {source.host} sent is not a catalogue of voices.") from error
    for name, entry in entries:
        try:
            yield _offer(name, entry, source)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # one entry that is odd takes no other away


def _offer(name: str, entry: dict[str, Any], source: Source) -> Offer:
    """Return what an entry of Piper's catalogue says. Raises what a wrong entry brings about."""
    language = entry["language"]
    # By its ending: the configuration before the model, which makes it a voice.
    paths = {
        ending: path
        for ending in (".onnx.json", ".onnx")
        for path in entry["files"]
        if path.endswith(f"/{name}{ending}")
    }
    code = bcp47(str(language["code"]))
    if not NAME.fullmatch(name) or len(paths) != 2 or not code:
        raise ValueError(name)
    card = next((path for path in entry["files"] if path.endswith("/MODEL_CARD")), "")
    folder = paths[".onnx"].rpartition("/")[0]
    samples = [path for path in entry["files"] if path.endswith((".mp3", ".wav", ".ogg"))]
    sample = samples[0] if samples else f"{folder}/samples/speaker_0.mp3"
    country = str(language.get("country_english") or "")
    quality = str(entry.get("quality") or "").replace("_", " ")
    title = str(entry.get("name") or name).replace("_", " ")
    return Offer(
        name=name,
        engine="piper",
        title=title if any(map(str.isupper, title)) else title.title(),
        language=code,
        language_name=str(language.get("name_english") or code)
        + (f" ({country})" if country else ""),
        files=tuple(
            File(
                name=f"{name}{ending}",
                url=source.url(quote(path)),
                size=int(entry["files"][path]["size_bytes"]),
                algorithm="md5",
                digest=str(entry["files"][path]["md5_digest"]).lower(),
            )
            for ending, path in paths.items()
        ),
        quality=quality,
        licence=str(entry.get("license") or ""),
        speakers=int(entry.get("num_speakers") or 1),
        card_url=source.url(quote(card)) if card else "",
        sample_url=source.url(quote(sample)),
        aliases=tuple(map(str, entry.get("aliases") or ())),
    )


@cache
def _address_in_hibari() -> str:
    return str(_module_of("hibari", "voices").BASE_URL)


@cache
def _address_in_piper() -> str:
    return str(_module_of("piper", "download_voices").VOICES_JSON).partition(INDEX)[0]


def _module_of(package: str, name: str) -> ModuleType:
    """Load the module of a package in which it says where it downloads from.

    It is read by itself: the package would bring NumPy or onnxruntime into this process.
    """
    found = find_spec(package)
    if found is None or found.origin is None:
        raise LookupError(f"{package} is not installed.")
    path = Path(found.origin).with_name(f"{name}.py")
    spec = spec_from_file_location(f"{package}_addresses", path)
    if spec is None or spec.loader is None:
        raise LookupError(f"{package} does not say where its voices are.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
