"""A sentence in each voice's own language, to hear before choosing: made once, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from tts import synthesis
from tts.delivery.events import variant_group
from tts.models import AudioVariant, Status, Voice, hash_text, variant_key
from tts.voices.sentences import sentence

# So long is a sound waited for: a server at home may have to load its model first.
PATIENCE_SECONDS = 45
LOOK_AGAIN_SECONDS = 2


class NoPreview(Exception):
    """There is none, in words for a person; ``status``: of the HTTP answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message, self.status = message, status


def text_hashes() -> set[str]:
    """Return the text hashes of all previews: their sounds belong to no document."""
    languages = Voice.objects.order_by().values_list("language", flat=True).distinct()
    return {hash_text(sentence(language), language) for language in languages}


async def preview(
    voice: Voice, *, listener: str, sound: str = "", said: tuple[str, str] | None = None
) -> AudioVariant:
    """Return the sound of a voice's sentence, made now if there is none. Raises NoPreview.

    ``said``: another text and its language, for a voice that says nothing else.
    """
    recipe = synthesis.recipe_hash(voice, sound)
    said = said or (sentence(voice.language), voice.language)
    text_hash = hash_text(*said)
    want = sync_to_async(partial(_want, voice, said, recipe, sound, text_hash, listener))
    layer = get_channel_layer()
    channel, group = await layer.new_channel(), variant_group(variant_key(text_hash, recipe))
    await layer.group_add(group, channel)
    try:
        # First the group, then the look: what changes in between is told.
        variant = await want(retry=True)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while variant.status not in (Status.CACHED, Status.ERROR):
                with suppress(TimeoutError):  # an event may be lost: look again
                    async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                        await layer.receive(channel)
                variant = await want()
    except TimeoutError:
        raise NoPreview("This voice takes very long. Try again in a while.", 504) from None
    finally:
        await layer.group_discard(group, channel)
    if variant.status == Status.ERROR:
        raise NoPreview(variant.error, 502)
    return variant


def _want(
    voice: Voice,
    said: tuple[str, str],
    recipe: str,
    sound: str,
    text_hash: str,
    listener: str,
    *,
    retry: bool = False,
) -> AudioVariant:
    def texts(hashes: Sequence[str]) -> dict[str, tuple[str, str]]:
        return dict.fromkeys(hashes, said)

    wanted = synthesis.want(
        listener=listener,
        voice=voice,
        recipe=recipe,
        ranks={text_hash: 0},
        texts=texts,
        sound=sound,
        retry=retry,
    )
    if wanted.refused:
        raise NoPreview(wanted.reason, 429)
    return wanted.variants[text_hash]
