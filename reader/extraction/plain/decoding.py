"""Bytes of a text file -> clean text."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from reader.extraction.drafts import ExtractionError

SAMPLE = 65_536  # bytes or characters looked at to tell text from something else

# UTF-32 first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# As https://encoding.spec.whatwg.org/ has them: what pages say, and what they mean.
BROWSERS_NAMES = {
    **dict.fromkeys(("iso-8859-1", "latin1", "ascii", "us-ascii", "x-cp1252"), "cp1252"),
    **dict.fromkeys(("iso-8859-9", "latin5"), "cp1254"),
    **dict.fromkeys(("iso-8859-11", "tis-620"), "cp874"),
    **dict.fromkeys(("shift-jis", "x-sjis", "sjis", "windows-31j", "ms-kanji"), "cp932"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "gb-2312-80", "x-euc-cn"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "cn-big5", "x-x-big5"), "big5hkscs"),
    **dict.fromkeys(("euc-kr", "ks-c-5601-1987", "ksc5601", "korean"), "cp949"),
    **dict.fromkeys(("x-euc-jp",), "euc-jp"),
    **dict.fromkeys(("iso-8859-8-i", "logical"), "iso8859-8"),
    **dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "mac-cyrillic"),
    **dict.fromkeys(("macintosh", "x-mac-roman"), "mac-roman"),
    **dict.fromkeys(("utf-16", "utf-8", "unicode"), "utf-8"),  # else their bytes would tell
}
# Codecs of Python's that are not for text, or that stand for any.
NOT_OF_TEXT = {
    *("base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode", "undefined"),
    *("unicode-escape", "raw-unicode-escape", "utf-7", "mbcs", "oem", "charmap"),
}

# What is read here, and is no text.
SIGNATURES = ((b"%PDF-", "a PDF document"), (b"PK\x03\x04", "a ZIP archive, as Word documents are"))

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w:.-]{2,40})")
_TAGS = re.compile(
    rb"<(?:script|style)\b.*?</(?:script|style)\b|<[^>]*>", re.DOTALL | re.IGNORECASE
)
_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_UNLIKELY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ue000-\uf8ff\ufff0-\uffff]")
_RARE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
# The characters that Windows-1252 has where Latin-1 has controls, each with its byte.
_WINDOWS_1252 = {
    ord(character): byte
    for byte in range(0x80, 0xA0)
    if (character := bytes([byte]).decode("cp1252", "ignore"))
}
_BEHIND = f"[\x80-\xbf{''.join(map(chr, _WINDOWS_1252))}]"
_TWICE = re.compile(f"[ÂÃ]{_BEHIND}|(?:[ÐÑØÙ]{_BEHIND}){{2}}|[â-é]{_BEHIND}{{2}}|ð{_BEHIND}{{3}}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(data: bytes) -> str:
    """Return the text of a file, cleaned; raise ExtractionError if it is not text."""
    return clean(decode_as_is(data))


def decode_as_is(data: bytes) -> str:
    """Return the text of a file, its control characters with it. Raises ExtractionError."""
    from reader.extraction.foreign import told  # pages, which are most, are not asked

    if words := told(data):
        raise ExtractionError(words)
    for signature, what in SIGNATURES:
        if data.startswith(signature):
            raise ExtractionError(
                f"This file is not text: it looks like {what}. "
                "Save or export it as plain text (.txt) and try again."
            )
    return _unicode(data) or _guessed(data)


def decode_page(data: bytes, charset: str = "") -> str:
    """Return the text of a page, cleaned; ``charset``: what its server said.

    What is valid UTF-8 is UTF-8, whatever server and page say: other texts are that by chance only
    if they are very short. Raises ExtractionError.
    """
    text = _unicode(data)
    head = data[:4096]
    found = [_XML_ENCODING.search(head), _CHARSET.search(head)]
    said = [charset, *(match[1].decode() for match in found if match)]
    named = [name for each in said if (name := codec_of(each))]
    for name in named:
        if not text:
            with suppress(UnicodeError):
                text = data.decode(name)
    if not text:
        # A name that fits but for a few broken bytes is better than a guess.
        tried = [data.decode(name, "replace") for name in named]
        text = next((each for each in tried if _is_plausible(each)), "")
    text = text or _guessed(data, _TAGS.sub(b" ", data[:SAMPLE]))
    return clean(text)


def codec_of(name: str) -> str:
    """Return the codec for the name of an encoding, as browsers take it; empty if not known."""
    folded = name.strip().lower().replace("_", "-")
    folded = BROWSERS_NAMES.get(folded, folded)
    try:
        codec = codecs.lookup(folded).name
    except (LookupError, ValueError):
        return ""
    return "" if codec in NOT_OF_TEXT else codec


def clean(text: str) -> str:
    r"""Return text with ``\n`` as its only line end and without what cannot be shown.

    Control characters are dropped, halves of surrogate pairs put together or replaced.
    """
    if not _RARE.search(text):
        return text
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _NEWLINE.sub("\n", text.removeprefix("\ufeff")).replace("\u2029", "\n\n")
    return _CONTROL.sub("", text)


def _unicode(data: bytes) -> str:
    """Return text that is known by its bytes alone; empty if it is in an 8-bit encoding."""
    return _by_mark(data) or _by_zeros(data) or _by_escapes(data) or _as_utf8(data)


def _by_mark(data: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _plausible(data[len(mark) :].decode(encoding, "replace"))
    return ""


def _by_zeros(data: bytes) -> str:
    """Decode UTF-16 and UTF-32 without a mark.

    Of Western text every other byte is 0. Where few are (the spaces of Chinese or Russian), the
    bytes must also make no sense as UTF-8. In UTF-32 half of all are, and more.
    """
    sample = data[:SAMPLE]
    zeros = [sample[at::4].count(0) for at in range(4)]
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    quarter = len(sample) // 4
    if len(data) % 4 == 0 and quarter:
        for encoding, high in (("utf-32-le", 3), ("utf-32-be", 0)):
            if zeros[high] == quarter:
                with suppress(UnicodeDecodeError):
                    return _plausible(data.decode(encoding))
    most, least = max(even, odd), min(even, odd)
    if most == 0 or least > most / 4:
        return ""
    if most < len(sample) / 10 and _is_utf8(data) and _is_plausible(data.decode()):
        return ""
    try:
        text = data.decode("utf-16-le" if odd > even else "utf-16-be")
    except UnicodeDecodeError:
        return ""
    return text if _is_plausible(text) else ""


def _by_escapes(data: bytes) -> str:
    """Decode the encodings of East Asia that are made of ASCII and escape sequences."""
    head = data[:SAMPLE]
    if b"\x1b" not in head and b"~" not in head:  # found at once: hardly any has one
        return ""
    if b"\x1b$)C" in head:
        names = ["iso2022_kr"]
    elif b"\x1b$" in head:
        names = ["iso2022_jp_2", "iso2022_jp_ext"]
    elif b"~{" in head and b"~}" in head:
        names = ["hz"]
    else:
        return ""
    for name in names:
        with suppress(UnicodeDecodeError):
            return _plausible(data.decode(name))
    return ""


def _as_utf8(data: bytes) -> str:
    if _is_utf8(data):
        return _plausible(_encoded_once(data.decode()))
    # A file cut off in the middle of a letter, or with a few broken ones, is still UTF-8.
    text = data.decode(errors="replace")
    broken = text.count("\ufffd")
    whole = sum(1 for character in text if character > "\x7f") - broken
    return text if whole > 20 * broken and _is_plausible(text) else ""


def _encoded_once(text: str) -> str:
    """Return what was meant by text that was UTF-8, taken for Windows-1252, and encoded again.

    All of it has to be of that kind: who only quotes "cafÃ©" writes other letters as they are.
    """
    if text.isascii() or not _TWICE.search(text):
        return text
    try:
        return text.translate(_WINDOWS_1252).encode("latin-1").decode()
    except UnicodeError:
        return text


def _guessed(data: bytes, sample: bytes = b"") -> str:
    """Decode one of the older encodings; ``sample``: what tells which, if not all of it."""
    if not data or any(data == mark for mark, _ in BYTE_ORDER_MARKS):
        return ""
    from reader.extraction.plain.encodings import guess  # nearly all is UTF-8, and needs none

    found = guess(sample) if not sample.isascii() else guess(data)
    if found is None:
        _plausible(data.decode("latin-1"))  # tells what is no text at all
        raise ExtractionError(
            "This file is not text, or in a character encoding that is not recognised. "
            "Save it as plain text in UTF-8 and try again."
        )
    return _plausible(data.decode(found.encoding, "replace"))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _plausible(text: str) -> str:
    if _is_plausible(text):
        return text
    raise ExtractionError(
        "This file is not text: most likely it belongs to another program. "
        "Save or export it as plain text (.txt) and try again."
    )


def _is_plausible(text: str) -> bool:
    """Tell whether control, private and broken characters are but a few."""
    sample = text[:SAMPLE]
    return len(_UNLIKELY.findall(sample)) <= max(4, len(sample) // 50)
