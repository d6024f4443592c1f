"""Markdown (CommonMark with tables, footnotes, front matter) -> block drafts."""

from __future__ import annotations

import re
from functools import lru_cache

import lxml.html
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from reader.extraction.drafts import Extracted, ExtractionError
from reader.extraction.language import guess_language
from reader.extraction.plain.decoding import decode
from reader.extraction.tree.blocks import blocks_of
from reader.extraction.tree.elements import name_of
from reader.extraction.tree.mathml import of_tex
from reader.tex import TeX, tex_in

_PARSER = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
_FIELD = re.compile(r"^(title|author|lang|language)\s*:\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take a Markdown file apart; raise ExtractionError if there is nothing in it."""
    return extract(decode(data), title=title)


def extract(text: str, *, title: str = "") -> Extracted:
    """Take Markdown apart; what HTML is in it is sanitised like any other."""
    markdown = MarkdownIt("commonmark", {"maxNesting": 50}).enable(["table", "strikethrough"])
    markdown.use(footnote_plugin).use(front_matter_plugin)
    markdown.inline.ruler.before("escape", "tex", _formula)
    tokens = markdown.parse(text)
    front = next((token.content for token in tokens if token.type == "front_matter"), "")
    fields = {name.lower(): value.strip("\"'") for name, value in _FIELD.findall(front)}
    html = markdown.renderer.render(tokens, markdown.options, {})
    if not html.strip():
        raise ExtractionError("There is nothing to read: the text is empty.")
    body = lxml.html.fragment_fromstring(html, create_parent="body", parser=_PARSER)
    for section in body.iter():
        if "footnotes" in section.get("class", "").split():
            section.set("role", "doc-endnotes")
        if name_of(section) == "sup" and "footnote-ref" in section.get("class", ""):
            section.set("role", "doc-noteref")
    for back in body.xpath("//a[contains(@class, 'footnote-backref')]"):
        back.drop_tree()
    heading = next((each for each in body.iter() if name_of(each) in {"h1", "h2"}), None)
    found = fields.get("title", "")
    if not found and heading is not None and heading.getprevious() is None:
        found = " ".join("".join(heading.itertext()).split())[:300]
    language = fields.get("lang") or fields.get("language") or guess_language(text)
    return Extracted(
        title.strip() or found,
        language,
        blocks_of(body, language),
        author=fields.get("author", ""),
    )


def _formula(state: StateInline, silent: bool) -> bool:
    """Read a formula in TeX, whose signs are none of Markdown's."""
    found = _formulas(state.src).get(state.pos)
    made = of_tex(found.tex, "block" if found.is_displayed else "inline") if found else None
    if not found or not made:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = made[0]
    state.pos = found.end
    return True


@lru_cache(maxsize=4)
def _formulas(text: str) -> dict[int, TeX]:
    return {found.start: found for found in tex_in(text)}
