"""What stands around an article, by what its elements are called."""

from __future__ import annotations

import re

from lxml import etree

from reader.extraction.tree.elements import HEADINGS, name_of

TAGS = {"nav", "footer", "form", "dialog", "menu"}
ROLES = {
    *("navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar"),
    *("toolbar", "dialog", "alertdialog", "alert", "tooltip"),
}
# Words of a class or an id. One alone tells nothing of a part that has the look of text.
NAMES = {
    *("ad", "ads", "advert", "advertisement", "banner", "breadcrumb", "breadcrumbs", "byline"),
    *("catlinks", "comment", "comments", "commentlist", "consent", "cookie", "cookies", "dialog"),
    *("disqus", "editsection", "footer", "headerlink", "jump", "login", "masthead", "menu", "meta"),
    *("modal", "nav", "navbar", "navbox", "navfooter", "navheader", "navigation", "newsletter"),
    *("noprint", "outbrain", "pager", "pagination", "paywall", "player", "popular", "popup"),
    *("printfooter", "promo", "promotion", "rail", "rating", "recommendations", "recommended"),
    *("related", "replies", "respond", "share", "sharing", "sidebar", "signup", "skip", "skiplink"),
    *("social", "sphinxsidebar", "sponsor", "sponsored", "subscribe", "subscription", "taboola"),
    *("tags", "teaser", "toc", "toolbar", "tooltip", "trending", "widget"),
}
# What others said of a text, and what was never one: no part even of a whole document.
NEVER = {
    *("comment", "comments", "commentlist", "disqus", "replies", "respond", "cookie", "cookies"),
    *("sphinxsidebar", "catlinks", "printfooter", "navbox", "skiplink", "sharedaddy"),
    *("relatedposts", "breadcrumb", "breadcrumbs", "pagination"),
}
# What is part of no article either, whatever the libraries say
NEVER_OF_ARTICLE = {"navbox", "catlinks", "printfooter", "sharedaddy", "relatedposts", "outbrain"}
# Boxes that ask for something, in the midst of an article.
INVITATIONS = {
    *("newsletter", "signup", "optin", "subscribe", "subscription", "paywall", "consent", "cookie"),
}
NEVER_TAGS = {"nav", "form", "dialog", "menu"}
LARGEST_FOOT = 400  # letters of a site's foot: whose it is, and links to its rules
_INVITES = re.compile(
    r"\b(?:sign(?:ing)? up|log ?in|your (?:inbox|e-?mail)|subscribe (?:to (?:our|my|the)|now|for)"
    r"|we use cookies|accept|jetzt (?:anmelden|abonnieren)|inscrivez-vous|abonnez-vous"
    r"|suscríb\w+|iscriviti|inscreva-se)\b",
    re.IGNORECASE,
)
_OF_PHRASES = {"of", "on", "the"}  # "comments-on-law" is the name of a part of the text
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORDS = re.compile(r"[\W_]+")


def is_surrounding(element: etree._Element) -> bool:
    """Tell whether an element calls itself something that stands around an article."""
    if name_of(element) in TAGS or element.get("role") in ROLES:
        return True
    return _is_called(element, NAMES)


def is_never_text(element: etree._Element) -> bool:
    """Tell whether an element calls itself something that belongs to no text at all."""
    if name_of(element) in NEVER_TAGS or element.get("role") in ROLES:
        return True
    return _is_called(element, NEVER) or _is_foot(element)


def is_never_of_article(element: etree._Element) -> bool:
    """Tell whether an element calls itself what leads to other pages."""
    return _is_called(element, NEVER_OF_ARTICLE)


def invites(text: str) -> bool:
    """Tell whether a text asks to sign up, or to consent."""
    return bool(_INVITES.search(text))


def _is_foot(element: etree._Element) -> bool:
    """Tell whether an element is the foot of a whole site, and no part of a text."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if name_of(element) != "footer" and "footer" not in words_of(names):
        return False
    if any(
        name_of(each) in {"article", "blockquote", "section"} for each in element.iterancestors()
    ):
        return False
    return sum(map(len, element.itertext())) <= LARGEST_FOOT


def is_invitation(element: etree._Element) -> bool:
    """Tell whether an element calls itself a box that asks to sign up, or to consent."""
    if not _is_called(element, INVITATIONS):
        return False
    heading = words_of(_heading(element))  # a section on newsletters is one of the text
    return not heading or heading != words_of(element.get("class") or "")


def _is_called(element: etree._Element, names: set[str]) -> bool:
    own_id = element.get("id") or ""
    words = words_of(own_id)
    # "related-work" says no more than the heading of its part does.
    if words and (words == words_of(_heading(element)) or not _OF_PHRASES.isdisjoint(words)):
        own_id = ""
    return not names.isdisjoint(words_of(f"{element.get('class') or ''} {own_id}"))


def words_of(names: str) -> list[str]:
    return [word for word in _WORDS.split(_CAMEL.sub(" ", names).lower()) if word]


def _heading(element: etree._Element) -> str:
    for inner in element.iter():
        if name_of(inner) in HEADINGS:
            return "".join(inner.itertext())
    return ""
