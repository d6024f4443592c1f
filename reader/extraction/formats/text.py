"""Plain text, from a file or pasted, -> block drafts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from reader.extraction.drafts import BlockDraft, Extracted, ExtractionError
from reader.extraction.formats import markdown
from reader.extraction.language import guess_language
from reader.extraction.plain.decoding import clean, decode_as_is
from reader.extraction.plain.headings import LONGEST_HEADING
from reader.extraction.plain.markdown_signs import is_markdown
from reader.extraction.plain.passages import Passage, passages
from reader.extraction.plain.printed_pages import without_furniture
from reader.extraction.sanitise import draft, markup_of
from reader.extraction.segmentation import code_pieces, unit_ranges

DEEPEST_TAGS = 4  # of a forum, within each other
HEADER = 2_000  # characters at the start in which a "Title:" line counts

_VISIBLE = re.compile("[^\\s\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
# As texts that were typed have it: _so_, and =so=
_EMPHASIS = re.compile(
    r"(?<![\w_/])_(?=[^\s_])(?P<slanted>[^_<>]{1,300})(?<=\S)_(?![\w_])"
    r"|(?<![\w=])=(?=[^\W\d_]{2})(?P<bold>[^=<>\n]{2,80})(?<=[^\W\d_.!?])=(?![\w=])"
)
# As forums have it, and what was HTML once. Code may be about < and >.
_BBCODE = re.compile(
    r"\[(?P<name>b|i|u|s|url|quote|color|size|center)(?:=[^\[\]\n]{1,300})?\]"
    r"(?P<inside>(?:(?!\[(?P=name)\b).)*?)\[/(?P=name)\]",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(r"&(?:amp|nbsp|[mn]dash|hellip|[lr][sd]quo|quot|#\d{2,5}|#x[\da-fA-F]{2,5});")
_TITLE_LINE = re.compile(r"^(?:Title|Subject): *(\S.*)$", re.MULTILINE)


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take a text file apart."""
    return extract(decode_as_is(data), title=title)


def extract(text: str, *, title: str = "") -> Extracted:
    """Take a text apart; raise ExtractionError if there is nothing in it."""
    # Once it is cleaned, a form feed is a line end like any other.
    text = clean(without_furniture(_ENTITY.sub(lambda found: unescape(found[0]), text)))
    for _ in range(DEEPEST_TAGS):
        text = _BBCODE.sub(r"\g<inside>", text)
    if is_markdown(text):
        return markdown.extract(text, title=title, is_pasted=True)
    found = passages(text) if _VISIBLE.search(text) else []
    if not found:
        raise ExtractionError("There is nothing to read: the text is empty.")
    language = guess_language(text)
    return Extracted(title.strip() or _title(text, found), language, _drafts(found, language))


def _title(text: str, found: list[Passage]) -> str:
    """Return what the text says its title is, or a heading that it begins with."""
    named = _TITLE_LINE.search(text[:HEADER])
    if named:
        return named[1].strip()[:LONGEST_HEADING]
    first = found[0]
    return " ".join(first.text.split()) if first.kind == "heading" else ""


def _drafts(found: list[Passage], language: str) -> Iterator[BlockDraft]:
    for passage in found:
        if passage.kind == "code":
            pieces = code_pieces(passage.text)
        else:
            ranges = unit_ranges(passage.text, language)
            pieces = [passage.text[start:end] for start, end in ranges]
        for number, piece in enumerate(pieces):
            markup = _markup(passage, piece, continued=number > 0)
            yield draft(passage.kind, markup, level=passage.level)


def _emphasised(found: re.Match[str]) -> str:
    return f"<em>{found['slanted']}</em>" if found["slanted"] else f"<b>{found['bold']}</b>"


def _markup(passage: Passage, piece: str, *, continued: bool) -> str:
    text = _EMPHASIS.sub(_emphasised, markup_of(piece))
    match passage.kind:
        case "heading":
            tag = f"h{min(passage.level + 1, 6)}"  # the page's own title is the h1
            return f"<{tag}>{text}</{tag}>"
        case "quotation":
            return f"<blockquote><p>{text}</p></blockquote>"
        case "code":
            return f"<pre><code>{markup_of(piece, breaks=False)}</code></pre>"
        case "list_item" if not continued:
            item = f"<li>{text}</li>"
            if passage.numbering:
                return f'<ol type="{passage.numbering}" start="{passage.number}">{item}</ol>'
            return f"<ul>{item}</ul>"
        case _:
            return f"<p>{text}</p>"
