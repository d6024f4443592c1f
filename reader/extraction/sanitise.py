"""Markup of a block: the one list of what may reach the page, and the text that it shows."""

from __future__ import annotations

import re
from html import escape, unescape

import nh3

from reader.extraction.drafts import BlockDraft, Picture
from reader.extraction.tree import mathml

# No id, class or style: they could collide with the page's own. Images only of our own storage.
TAGS = {
    *("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("blockquote", "pre", "code", "figure", "figcaption", "img"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("a", "em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup"),
    *("q", "cite", "abbr", "dfn", "kbd", "samp", "var", "span", "bdi", "bdo"),
    *("ruby", "rb", "rt", "rtc", "rp"),
}
ATTRIBUTES = {
    "*": {"lang", "dir", "title", "data-role"},
    "a": {"href"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "img": {"src", "alt"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
}
UNSHOWN = {"script", "style", "template", "noscript", "iframe", "object", "svg", "title"}

# What the rules of speaking need to know of a passage.
ROLES = {"note", "noted", "code", "math", "caption"}

OWN_PICTURE = re.compile(r"picture:[0-9a-f]{40}")
_REST_OF_TAG = r'[^>"]*(?:"[^"]*"[^>"]*)*>'
# HTML ignores a line end that follows <pre>.
TAG = re.compile(rf"<(?:pre\b{_REST_OF_TAG}\n?|{_REST_OF_TAG})")
IMAGE = re.compile(r'<img(?:\s+[^\s="<>]+(?:="[^"]*")?)*\s*>')


def _filtered(tag: str, name: str, value: str) -> str | None:
    if name == "data-role":
        return value if value in ROLES else None
    if (tag, name) == ("img", "src"):
        return value if OWN_PICTURE.fullmatch(value) else None
    if name == "href" and value.strip().lower().startswith("picture:"):
        return None
    return value


_cleaner = nh3.Cleaner(
    tags=TAGS | mathml.ELEMENTS,
    clean_content_tags=UNSHOWN,
    attributes=ATTRIBUTES | mathml.ATTRIBUTES,
    attribute_filter=_filtered,
    url_schemes={"http", "https", "mailto", "picture", "block"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)


def draft(
    kind: str,
    markup: str,
    *,
    level: int = 0,
    language: str = "",
    anchors: tuple[str, ...] = (),
    pictures: tuple[Picture, ...] = (),
) -> BlockDraft:
    """Make a block of markup that may be hostile."""
    html = sanitise(markup)
    shown = shown_text(html)
    return BlockDraft(kind, html, shown, level, language, anchors, pictures=pictures)


def sanitise(markup: str) -> str:
    """Return markup with nothing in it but what the page allows."""
    clean = _cleaner.clean(markup)
    if "<img" in clean:
        clean = IMAGE.sub(_if_it_shows, clean)
    # A carriage return from a reference (&#13;) would be read as a line end by the next parser.
    return clean.replace("\r\n", "\n").replace("\r", "\n")


def _if_it_shows(image: re.Match[str]) -> str:
    """Drop an image whose address was not one of ours: it would show as a broken one."""
    return image[0] if ' src="picture:' in image[0] else ""


def shown_text(html: str) -> str:
    """Return what a browser gives as the textContent of sanitised markup."""
    return unescape(TAG.sub("", html))


def markup_of(text: str, *, breaks: bool = True) -> str:
    """Return plain text as markup, its line ends as line breaks that textContent keeps."""
    markup = escape(text, quote=False)
    return markup.replace("\n", "<br>\n") if breaks else markup
