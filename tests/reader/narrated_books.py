"""Books that bring their own narration: each sentence or word is a tone of its own in their sound.

So samples tell what is heard. A clip that begins at second n of a file is a tone of 400 + 100 n Hz.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import av

from tests.tone import SAMPLE_RATE, tone

from .extraction.test_epub import page
from .extraction.test_hostile import CONTAINER

PAGE_TYPE, SMIL_TYPE = "application/xhtml+xml", "application/smil+xml"
CODECS = {
    "mp3": ("mp3", "libmp3lame"),
    "m4a": ("ipod", "aac"),
    "ogg": ("ogg", "libopus"),
    "flac": ("flac", "flac"),
}


def frequency(second: int) -> int:
    return 400 + 100 * second


def recording(
    seconds: int, extension: str = "mp3", tone_of: Callable[[int], int] = frequency
) -> bytes:
    """Return a file of sound in which every second is another tone, or as it is told."""
    container, codec = CODECS[extension]
    pcm = b"".join(tone(tone_of(second), 0, 1000) for second in range(seconds))
    made = io.BytesIO()
    with av.open(made, "w", format=container) as output:
        stream = output.add_stream(codec, rate=SAMPLE_RATE)
        stream.layout, stream.bit_rate = "mono", 64_000
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
        frame.planes[0].update(pcm)
        frame.sample_rate, frame.pts = SAMPLE_RATE, 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            output.mux(packet)
    return made.getvalue()


@dataclass
class Book:
    """A narrated book; ``pairs`` of each page: address of the text, of the sound, begin, end."""

    pages: dict[str, str]  # path below OPS -> markup
    pairs: dict[str, Sequence[tuple[str, str, str, str]]]  # path of the overlay -> what is in it
    sounds: dict[str, bytes]
    overlays: dict[str, str] = field(default_factory=dict)  # page -> overlay
    language: str = "en"
    narrator: str = ""

    def data(self) -> bytes:
        items = [f'<item id="nav" href="nav.xhtml" media-type="{PAGE_TYPE}" properties="nav"/>']
        spine = []
        overlay_of = self.overlays or dict(zip(self.pages, self.pairs, strict=False))
        ids = {path: f"o{at}" for at, path in enumerate(self.pairs)}
        for at, path in enumerate(self.pages):
            media = ids.get(overlay_of.get(path, ""), "")
            more = f' media-overlay="{media}"' if media else ""
            items.append(f'<item id="p{at}" href="{path}" media-type="{PAGE_TYPE}"{more}/>')
            spine.append(f'<itemref idref="p{at}"/>')
        for path, name in ids.items():
            items.append(f'<item id="{name}" href="{path}" media-type="{SMIL_TYPE}"/>')
        for at, path in enumerate(self.sounds):
            items.append(f'<item id="a{at}" href="{path}" media-type="audio/mpeg"/>')
        narrator = (
            f'<meta property="media:narrator">{self.narrator}</meta>' if self.narrator else ""
        )
        package = (
            '<package version="3.0" xmlns="http://www.idpf.org/2007/opf" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Read to you</dc:title>'
            f"<dc:language>{self.language}</dc:language>{narrator}</metadata>"
            f"<manifest>{''.join(items)}</manifest><spine>{''.join(spine)}</spine></package>"
        )
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
            archive.writestr(
                "META-INF/container.xml", CONTAINER.replace("book.opf", "OPS/book.opf")
            )
            archive.writestr("OPS/book.opf", package)
            links = "".join(f'<li><a href="{path}">{path}</a></li>' for path in self.pages)
            archive.writestr("OPS/nav.xhtml", page(f'<nav epub:type="toc"><ol>{links}</ol></nav>'))
            for path, markup in self.pages.items():
                archive.writestr(f"OPS/{path}", page(markup))
            for path, pairs in self.pairs.items():
                archive.writestr(f"OPS/{path}", overlay(pairs))
            for path, sound in self.sounds.items():
                archive.writestr(f"OPS/{path}", sound, zipfile.ZIP_STORED)
        return made.getvalue()


def overlay(pairs: Sequence[tuple[str, str, str, str]]) -> str:
    written = "".join(
        f'<par id="par{at}"><text src="{text}"/><audio src="{sound}" '
        + (f'clipBegin="{begin}" ' if begin else "")
        + (f'clipEnd="{end}"' if end else "")
        + "/></par>"
        for at, (text, sound, begin, end) in enumerate(pairs)
    )
    return (
        '<smil xmlns="http://www.w3.org/ns/SMIL" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'version="3.0"><body><seq epub:textref="x">{written}</seq></body></smil>'
    )


def by_sentences() -> Book:
    """A book like the samples of the IDPF: an overlay for each chapter, sentence by sentence."""
    return Book(
        pages={
            "text/one.xhtml": '<h1 id="h">The sea at night</h1><p><span id="s1">The first sentence '
            'is here.</span> <span id="s2">The second one follows it.</span></p>'
            "<p>Nobody reads this paragraph.</p>",
            "text/two.xhtml": '<h1 id="h">The land by day</h1><p id="p1">A whole paragraph that is '
            "read at once, with two sentences. This is the other.</p>",
        },
        pairs={
            "smil/one.smil": [
                ("../text/one.xhtml#h", "../audio/one.mp3", "0:00:00.000", "0:00:01.000"),
                ("../text/one.xhtml#s1", "../audio/one.mp3", "0:00:01.000", "0:00:02.000"),
                ("../text/one.xhtml#s2", "../audio/one.mp3", "0:00:02.000", "0:00:03.500"),
            ],
            "smil/two.smil": [
                ("../text/two.xhtml#h", "../audio/two.mp3", "npt=0s", "npt=1s"),
                ("../text/two.xhtml#p1", "../audio/two.mp3", "00:01.000", "4000ms"),
            ],
        },
        sounds={"audio/one.mp3": recording(4), "audio/two.mp3": recording(4)},
    )
