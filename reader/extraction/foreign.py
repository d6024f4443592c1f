"""What is not read here, told by what is in it: its name, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable

SAVE_AS_WORD = (
    "Open it in Word or LibreOffice, save it as a Word document (.docx), and bring that in."
)
TO_EPUB = "Convert it to EPUB, with Calibre for instance, and bring that in."
TO_PDF = "Save or export it as PDF, and bring that in."
RECOGNISE = (
    "If it shows text, run a text recognition (OCR) over it, and bring in the text that comes out."
)
NOTHING_TO_READ = "Only text can be read aloud: bring in a document instead."
AS_TEXT = "Save what is to be read as plain text (.txt), and bring that in."
UNPACK = "Unpack it, and bring in what is in it."

OLDER_OFFICE = "a document of an older Microsoft Office"
# How it is called -> what to do.
ADVICE = {
    "a Kindle book": TO_EPUB,
    "a FictionBook": TO_EPUB,
    "a Microsoft Reader book": TO_EPUB,
    "a Palm book": TO_EPUB,
    "a document of an older Word (.doc)": SAVE_AS_WORD,
    "a Word document in the XML of 2003": SAVE_AS_WORD,
    "an RTF document": SAVE_AS_WORD,
    "an OpenDocument text (.odt)": SAVE_AS_WORD,
    "a document of an older OpenOffice (.sxw)": SAVE_AS_WORD,
    "a Hangul document (.hwp)": SAVE_AS_WORD,
    "an AbiWord document": SAVE_AS_WORD,
    "a Sony book (LRF)": TO_EPUB,
    "a Visio drawing": TO_PDF,
    "a DVI document of TeX": "Convert it to PDF, with dvipdfmx for instance, and bring that in.",
    "a link to a web page": "Open it in the browser, and bring in the address of the page.",
    "a Pages document": "Export it from Pages as Word or EPUB, and bring that in.",
    "a document of Office that is locked with a password": (
        "Open it with its password, take the password off, save it, and bring it in again."
    ),
    OLDER_OFFICE: TO_PDF,
    "a PowerPoint presentation": TO_PDF,
    "an Excel workbook": TO_PDF,
    "an OpenDocument presentation": TO_PDF,
    "an OpenDocument spreadsheet": TO_PDF,
    "an OpenDocument drawing": TO_PDF,
    "a Keynote presentation": "Export it from Keynote as PDF, and bring that in.",
    "a Numbers spreadsheet": "Export it from Numbers as PDF, and bring that in.",
    "an XPS document": TO_PDF,
    "a PostScript document": "Convert it to PDF, with ps2pdf for instance, and bring that in.",
    "a DjVu document": (
        "Convert it to PDF with its text, or run a text recognition (OCR) over it, and bring that "
        "in."
    ),
    "a Windows help file (CHM)": TO_EPUB,
    "an Outlook message": "Save the message as text or PDF, and bring that in.",
    "a web archive": "Open it in a browser, save the page as HTML or PDF, and bring that in.",
    "a comic book": (
        "Its pages are pictures without text: run a text recognition (OCR) over them, and bring in "
        "the text that comes out."
    ),
    "a picture": RECOGNISE,
    "a sound": NOTHING_TO_READ,
    "a video": NOTHING_TO_READ,
    "a font": NOTHING_TO_READ,
    "a program": NOTHING_TO_READ,
    "a database": "Export what is to be read as text, and bring that in.",
    "an InDesign document": "Export it from InDesign as EPUB or PDF, and bring that in.",
    "a OneNote notebook": "Export the pages as PDF or Word, and bring that in.",
    "a WordPerfect document": SAVE_AS_WORD,
    "a document of Microsoft Works": SAVE_AS_WORD,
    "a link to a document of Google": (
        "Open it in the browser, download it as a Word document (.docx) or EPUB, and bring that in."
    ),
    "a licence to fetch a protected book (ACSM)": (
        "It holds no text, and the book that it fetches is locked to its seller's own readers."
    ),
    "a licence to fetch a protected book (LCP)": (
        "It holds no text, and the book that it fetches is locked to its seller's own readers."
    ),
    "a mail": "Save the message as text or PDF, and bring that in.",
    "a file of subtitles": AS_TEXT,
    "a file of data": AS_TEXT,
    "a table of values": "Open it as a spreadsheet, save it as PDF, and bring that in.",
    "a Jupyter notebook": "Export it as HTML or Markdown, and bring that in.",
    "a RAR archive": UNPACK,
    "a compressed file": UNPACK,
    "a ZIP archive that is locked with a password": (
        "Unpack it with its password, and bring in what is in it."
    ),
    "a ZIP archive": f"It is neither an EPUB book nor a Word document. {UNPACK}",
}

# What a file begins with; a dot stands for any byte. What could begin a text goes on to its zeros.
SIGNATURES = tuple(
    (re.compile(start, re.DOTALL), name)
    for start, name in (
        (rb".{60}(?:BOOKMOBI|TEXtREAd)|TPZ[\x00-\x08]|\xeaDRMION|CONT\x02\x00", "a Kindle book"),
        (rb".{60}(?:PNRd|PDct|PNPd)PPrs", "a Palm book"),
        (rb"ITOLITLS", "a Microsoft Reader book"),
        (rb"ITSF\x03\x00", "a Windows help file (CHM)"),
        (rb"\s*\{\\rtf", "an RTF document"),
        (rb"AT&TFORM", "a DjVu document"),
        (rb"\xc5\xd0\xd3\xc6|\x04?%!PS", "a PostScript document"),
        (rb"bplist00.*WebMainResource", "a web archive"),
        (rb".{4}ftyp(?:hei|hev|mif|msf|avi[fs])", "a picture"),
        (rb".{4}ftyp(?:M4[ABP]|F4A)", "a sound"),
        (rb"\x00.{3}(?:ftyp|moov|wide|mdat)", "a video"),
        (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP", "a picture"),
        (rb"II\*\x00|MM\x00\*|8BPS\x00", "a picture"),
        (rb"\x00\x00\x01\x00.\x00|BM.{4}\x00{4}|\x00\x00\x00\x0cJ(?:XL|P  )|gimp xcf", "a picture"),
        (rb"ID3[\x02-\x04]|OggS\x00|fLaC\x00|RIFF.{4}WAVE|FORM.{4}AIF|#!AMR", "a sound"),
        (rb"\xff[\xf1\xf9][\x40-\x9f].{2}.[\x1c-\x1f\xfc-\xff]", "a sound"),
        (rb"L\x00R\x00F\x00", "a Sony book (LRF)"),
        (rb"\xf7\x02\x01\x83\x92\xc0", "a DVI document of TeX"),
        (rb"\xff[\xfb\xf3\xf2\xfa\xf1\xf9][^\s\w]|MThd\x00|caff\x00|\.snd\x00", "a sound"),
        (rb"\x1aE\xdf\xa3|RIFF.{4}AVI |FLV\x01|\x00\x00\x01[\xba\xb3]|0&\xb2u\x8ef", "a video"),
        (rb"wOF[F2]\x00|OTTO\x00|\x00\x01\x00\x00\x00.{7}|ttcf\x00|true\x00", "a font"),
        (rb"Rar!\x1a\x07", "a RAR archive"),
        (rb"\x1f\x8b\x08|7z\xbc\xaf|BZh[1-9]1AY|\xfd7zXZ|\x28\xb5\x2f\xfd|.{257}ustar|MSCF\x00",
         "a compressed file"),
        (rb"\x7fELF|MZ.\x00|\xca\xfe\xba\xbe|[\xce\xcf]\xfa\xed\xfe|dex\n0", "a program"),
        (rb"SQLite format 3\x00|.{4}Standard (?:Jet|ACE) DB", "a database"),
    )
)  # fmt: skip
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of the streams in a document of older Offices, the telling ones first.
STREAMS = (
    ("EncryptedPackage", "a document of Office that is locked with a password"),
    ("WordDocument", "a document of an older Word (.doc)"),
    ("HwpSummaryInformation", "a Hangul document (.hwp)"),
    ("PowerPoint Document", "a PowerPoint presentation"),
    ("Workbook", "an Excel workbook"),
    ("__properties_version1.0", "an Outlook message"),
)
# Text that is another program's, by its first element or its headers.
_START = rb"(?:\xef\xbb\xbf)?\s*(?:<[?!][^>]{0,500}>\s*){0,9}"
MARKUP = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (_START + rb"<FictionBook\b", "a FictionBook"),
        (_START + rb"<(?:w:wordDocument|pkg:package)\b", "a Word document in the XML of 2003"),
        (_START + rb"<office:document\b", "an OpenDocument text (.odt)"),
        (_START + rb"<(?:svg:)?svg\b", "a picture"),
        (rb"(?:[\w-]{1,50}:[^\n]{0,500}\n|[ \t][^\n]{0,500}\n){0,30}"
         rb"Content-Type:\s*multipart/related", "a web archive"),
    )
)  # fmt: skip
# What only its name tells.
BY_NAME = {
    ".kfx": "a Kindle book",
    ".hwp": "a Hangul document (.hwp)",
    ".hwpx": "a Hangul document (.hwp)",
    ".abw": "an AbiWord document",
    ".url": "a link to a web page",
    ".webloc": "a link to a web page",
    ".aac": "a sound",
    ".jxl": "a picture",
    ".acsm": "a licence to fetch a protected book (ACSM)",
    ".lcpl": "a licence to fetch a protected book (LCP)",
    ".gdoc": "a link to a document of Google",
    ".indd": "an InDesign document",
    ".idml": "an InDesign document",
    ".one": "a OneNote notebook",
    ".wpd": "a WordPerfect document",
    ".wps": "a document of Microsoft Works",
    ".webarchive": "a web archive",
    ".eml": "a mail",
    ".mbox": "a mail",
    ".srt": "a file of subtitles",
    ".vtt": "a file of subtitles",
    ".csv": "a table of values",
    ".tsv": "a table of values",
    ".ipynb": "a Jupyter notebook",
    ".json": "a file of data",
    ".xml": "a file of data",
    ".yaml": "a file of data",
}
OPEN_DOCUMENTS = {
    "text": "an OpenDocument text (.odt)",
    "presentation": "an OpenDocument presentation",
    "spreadsheet": "an OpenDocument spreadsheet",
    "graphics": "an OpenDocument drawing",
}
_PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|tiff?)$", re.IGNORECASE)


def told(data: bytes, filename: str = "") -> str:
    """Return what a file is that is not read here, and what to do; empty for any other."""
    called = _called(data)
    if called == OLDER_OFFICE and filename.lower().endswith((".doc", ".dot")):
        called = "a document of an older Word (.doc)"
    return advice(called)


def told_of_name(filename: str) -> str:
    """Return what a file of this name is, where nothing in it tells, and what to do."""
    name = filename.lower()
    return advice(next((BY_NAME[each] for each in BY_NAME if name.endswith(each)), ""))


def told_of_archive(names: Iterable[str], mimetype: str, *, is_locked: bool, filename: str) -> str:
    """Return what a ZIP archive of these names is, and what to do."""
    return advice(_archive_called(list(names), mimetype, is_locked=is_locked, filename=filename))


def advice(name: str) -> str:
    """Return the words for a person about a kind of file."""
    return f"This is {name}, which cannot be read here. {ADVICE[name]}" if name else ""


def _called(data: bytes) -> str:
    if data.startswith(OLD_OFFICE):
        found = (name for stream, name in STREAMS if stream.encode("utf-16-le") in data)
        return next(found, OLDER_OFFICE)
    head = data[:4096]
    for signature, name in SIGNATURES:
        if signature.match(head):
            return name
    return next((name for pattern, name in MARKUP if pattern.match(head)), "")


def _archive_called(names: list[str], mimetype: str, *, is_locked: bool, filename: str) -> str:
    known = set(names)
    for kind, name in OPEN_DOCUMENTS.items():
        if f"opendocument.{kind}" in mimetype:
            return name
    if "vnd.sun.xml.writer" in mimetype:
        return "a document of an older OpenOffice (.sxw)"
    if "hwp+zip" in mimetype:
        return "a Hangul document (.hwp)"
    if any(name.startswith("visio/") for name in known):
        return "a Visio drawing"
    if filename.lower().endswith((".kfx", ".kfx-zip")):
        return "a Kindle book"
    if any(name.startswith("ppt/") for name in known):
        return "a PowerPoint presentation"
    if any(name.startswith("xl/") for name in known):
        return "an Excel workbook"
    if any(name.endswith((".fpage", ".fdseq")) for name in known):
        return "an XPS document"
    if any(name.lower().endswith(".fb2") for name in known):
        return "a FictionBook"
    if any(name.endswith(".iwa") or name in {"index.apxl", "index.xml.gz"} for name in known):
        by_name = {".key": "a Keynote presentation", ".numbers": "a Numbers spreadsheet"}
        ending = next((each for each in by_name if filename.lower().endswith(each)), "")
        if not ending and any(name.startswith("Index/Slide") for name in known):
            ending = ".key"
        return by_name.get(ending, "a Pages document")
    files = [name for name in names if not name.endswith("/")]
    pictures = sum(1 for name in files if _PICTURE_NAME.search(name))
    if files and pictures >= 0.8 * len(files):
        return "a comic book"
    return "a ZIP archive that is locked with a password" if is_locked else "a ZIP archive"
