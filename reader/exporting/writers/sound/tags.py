"""Tags of files of sound: covers, and the chapters of MP3."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from mutagen.flac import Picture as FlacPicture
from mutagen.id3 import APIC, CHAP, CTOC, ID3, TALB, TCON, TIT2, TPE1, TRCK, CTOCFlags, Encoding
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus

from reader.exporting.writers.book import Book
from reader.exporting.writers.sound.containers import GENRE, Mark

FRONT_COVER = 3


def add_cover_to_mp4(path: Path, book: Book) -> None:
    """Put the cover in, if it is of a kind that players show there."""
    kinds = {"image/jpeg": MP4Cover.FORMAT_JPEG, "image/png": MP4Cover.FORMAT_PNG}
    if book.cover and book.cover.content_type in kinds:
        file = MP4(str(path))
        kind = kinds[book.cover.content_type]
        file["covr"] = [MP4Cover(book.cover.data, imageformat=kind)]
        file.save()


def add_tags_to_mp3(
    path: Path, book: Book, *, title: str, marks: Sequence[Mark], number: str = ""
) -> None:
    """Put title, author, cover and chapters in (ID3v2, chapter frame addendum)."""
    tags = ID3()
    tags.add(TIT2(encoding=Encoding.UTF8, text=title))
    tags.add(TALB(encoding=Encoding.UTF8, text=book.title))
    tags.add(TCON(encoding=Encoding.UTF8, text=GENRE))
    if book.author:
        tags.add(TPE1(encoding=Encoding.UTF8, text=book.author))
    if number:
        tags.add(TRCK(encoding=Encoding.UTF8, text=number))
    if book.cover:
        tags.add(
            APIC(
                encoding=Encoding.UTF8,
                mime=book.cover.content_type,
                type=FRONT_COVER,
                desc="",
                data=book.cover.data,
            )
        )
    if marks:
        names = [f"chp{number}" for number in range(len(marks))]
        flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
        tags.add(CTOC(element_id="toc", flags=flags, child_element_ids=names, sub_frames=[]))
        for name, mark in zip(names, marks, strict=True):
            tags.add(
                CHAP(
                    element_id=name,
                    start_time=mark.start_ms,
                    end_time=mark.end_ms,
                    start_offset=0xFFFFFFFF,
                    end_offset=0xFFFFFFFF,
                    sub_frames=[TIT2(encoding=Encoding.UTF8, text=mark.title)],
                )
            )
    tags.save(str(path), v2_version=4)


def add_tags_to_opus(path: Path, book: Book, *, marks: Sequence[Mark]) -> None:
    """Put title, author, cover and chapters in, as comments of Vorbis name them."""
    file = OggOpus(str(path))
    file["title"] = file["album"] = book.title
    file["genre"] = GENRE
    if book.author:
        file["artist"] = book.author
    for number, mark in enumerate(marks, 1):
        seconds, ms = divmod(mark.start_ms, 1000)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        file[f"chapter{number:03}"] = f"{hours:02}:{minutes:02}:{seconds:02}.{ms:03}"
        file[f"chapter{number:03}name"] = mark.title
    if book.cover:
        picture = FlacPicture()
        picture.type, picture.mime = FRONT_COVER, book.cover.content_type
        picture.data = book.cover.data
        file["metadata_block_picture"] = base64.b64encode(picture.write()).decode()
    file.save()
