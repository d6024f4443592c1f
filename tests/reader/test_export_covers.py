"""An audiobook has its cover, title and author in it, as FFmpeg reads them."""

from __future__ import annotations

import io
from dataclasses import replace

import av
import numpy as np
import pytest

from reader.exporting.writers import KINDS
from reader.exporting.writers.book import Picture
from reader.extraction.formats import markdown

from .spoken_books import book_of, write


def picture() -> bytes:
    """Return a PNG of 40 by 60."""
    output = io.BytesIO()
    with av.open(output, "w", format="image2pipe") as container:
        stream = container.add_stream("png", rate=1, width=40, height=60, pix_fmt="rgb24")
        frame = av.VideoFrame.from_ndarray(np.full((60, 40, 3), 120, np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return output.getvalue()


@pytest.mark.parametrize("slug", ["m4b", "m4b-opus", "mp3", "opus"])
def test_cover_title_and_author_are_in_the_file(tmp_path, slug):
    book = book_of(markdown.extract_file(b"# The sea\n\nIt is blue.\n\n# The land\n\nIt is not."))
    cover = picture()
    book = replace(book, title="Sea & land", author="Ada Writer", cover=Picture("image/png", cover))
    write(KINDS[slug], book, tmp_path / "book")
    with av.open(str(tmp_path / "book")) as opened:
        tags = {**opened.metadata, **opened.streams.audio[0].metadata}
        tags = {name.lower(): value for name, value in tags.items()}
        (shown,) = opened.streams.video
        (data,) = [bytes(packet) for packet in opened.demux(shown) if packet.size]
    assert (tags["title"], tags["artist"]) == ("Sea & land", "Ada Writer")
    assert data == cover
    assert (shown.codec_context.width, shown.codec_context.height) == (40, 60)
