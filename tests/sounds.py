"""What a sound is, found out by decoding it."""

import io

import av


def duration_ms(sound: bytes) -> int:
    """Decode a sound wholly and return how long it lasts."""
    with av.open(io.BytesIO(sound)) as container:
        frames = list(container.decode(audio=0))
    return round(sum(frame.samples for frame in frames) * 1000 / frames[0].sample_rate)
