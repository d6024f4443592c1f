"""Ogg Opus that is passed on: early, and not a bit of it damaged or missing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.tts.test_audio import SENT, decode, packed, packets, take_in
from tts.audio import FORMATS, Track
from tts.audio.ogg import CAPTURE, HEAD_BYTES, checksum
from tts.speech import ENCODED, Speech, SpeechError


@pytest.fixture(scope="module")
def sound() -> bytes:
    return packed(*SENT["opus"], seconds=8.0)


@pytest.fixture(scope="module")
def pages(sound: bytes) -> list[int]:
    """Where its pages begin."""
    return list(_pages(sound))


def _pages(sound: bytes) -> Iterator[int]:
    at = 0
    while sound[at : at + 4] == CAPTURE:
        yield at
        laces = sound[at + HEAD_BYTES :][: sound[at + HEAD_BYTES - 1]]
        at += HEAD_BYTES + len(laces) + sum(laces)


def mended(sound: bytes) -> bytes:
    """Return a sound with the checksums that its pages should have."""
    begins = list(_pages(sound))
    whole = bytearray(sound)
    for begin, end in zip(begins, [*begins[1:], len(sound)], strict=True):
        whole[begin + 22 : begin + 26] = bytes(4)
        whole[begin + 22 : begin + 26] = checksum(whole[begin:end]).to_bytes(4, "little")
    return bytes(whole)


def test_the_checksum_is_that_of_other_muxers(sound):
    assert mended(sound) == sound


def test_it_goes_out_before_its_page_is_whole(sound, pages):
    taken = []

    def arrive() -> Iterator[bytes]:
        for at in range(0, len(sound), 100):
            taken.append(at)
            yield sound[at : at + 100]

    track = Track(FORMATS["webm"], longest_ms=1e9)
    first = next(track.add(Speech(ENCODED, 0, arrive()), is_only=True))
    assert first
    begins, ends = pages[2:4]  # the first two are headers
    assert taken[-1] < begins + (ends - begins) / 4


def test_a_flipped_bit_is_noticed(sound):
    chance = random.Random(1)
    for _ in range(40):
        damaged = bytearray(sound)
        damaged[chance.randrange(len(sound))] ^= 1 << chance.randrange(8)
        with pytest.raises(SpeechError) as caught:
            take_in(bytes(damaged))
        assert caught.value.retryable


def test_a_page_that_is_missing_is_noticed(sound, pages):
    for begin, end in pairwise(pages[2:]):
        with pytest.raises(SpeechError):
            take_in(sound[:begin] + sound[end:])


def test_a_page_that_is_cut_is_noticed(sound, pages):
    for begin, end in zip(pages[2:], [*pages[3:], len(sound)], strict=True):
        with pytest.raises(SpeechError):
            take_in(sound[: (begin + end) // 2])


@pytest.mark.parametrize("rest", [b"\n", b"\0" * 5000, b"OggS"])
def test_what_follows_its_end_is_not_heard(sound, rest):
    assert packets(take_in(sound + rest)[0]) == packets(sound)


def test_damage_with_the_right_checksums_is_refused_or_a_sound_that_can_be_played(sound):
    chance = random.Random(2)
    for _ in range(15):
        damaged = bytearray(sound)
        for _ in range(5):
            damaged[chance.randrange(len(sound))] = chance.randrange(256)
        try:
            stored, _ = take_in(mended(bytes(damaged)[: len(sound)]))
        except SpeechError:
            continue
        decode(stored)
