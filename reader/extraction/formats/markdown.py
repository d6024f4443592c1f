"""Markdown (CommonMark with tables, footnotes, front matter) -> block drafts."""

from __future__ import annotations

import re
from bisect import bisect
from functools import lru_cache

import lxml.html
from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.subscript import sub_plugin
from mdit_py_plugins.superscript import superscript_plugin

from reader.extraction.drafts import Extracted, ExtractionError
from reader.extraction.language import guess_language
from reader.extraction.plain.decoding import decode
from reader.extraction.tree.blocks import blocks_of
from reader.extraction.tree.elements import HEADINGS, name_of
from reader.extraction.tree.mathml import of_tex
from reader.tex import TeX, tex_in

_PARSER = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
_HIGHLIGHT = re.compile(r"(?<![=\w])==(?=[^\s=])([^=\n]{1,1000})(?<=\S)==(?![=\w])")
_WRITTEN = re.compile(r"^\s*(?:\[[ xX/<>!?*-]\]\s+|\[!(?P<remark>[A-Za-z]{3,20})\][+-]?\s*)")
# Of wikis and notes, of sites made of Markdown, of Pandoc: what none of them shows
_WIKI_LINK = re.compile(r"!?\[\[(?P<page>[^\[\]|\n]{1,300})(?:\|(?P<words>[^\[\]\n]{1,300}))?\]\]")
_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|pdf|mp[34]|canvas)$", re.IGNORECASE)
_UNSHOWN = re.compile(
    r"%%[^%\n]{1,1000}%%|\{%[^{}\n]{1,500}%\}|\{\{[<%][^{}\n]{1,500}[%>]\}\}"
    r"|(?<!\S):(?:[+-]1|[a-z][a-z0-9_+-]{1,30}):(?!\S)|^:{3,} ?[\w{}. #=\"-]{0,100}$\n?"
    r"|^ ?\[(?:\[_)?TOC(?:_\])?\]$|(?<=\S) \^[A-Za-z0-9-]{4,40}$"
    r"|^\*\[[^\[\]\n]{1,60}\]:[^\n]*$|(?<=\S)\{:? ?[.#][\w-]+(?: [\w.#=\"-]+)* ?\}"
    r"|\s?\[-?@[\w:.#$%&+?<>~/-]+[^\[\]]{0,200}\]",
    re.MULTILINE | re.IGNORECASE,
)
# The same of Jekyll, and what Pandoc hands on to LaTeX
_UNSHOWN_LINES = re.compile(
    r"^[^\n]{0,60}\n\{: ?toc\b[^{}\n]{0,100}\} *$\n?|^\{:[^{}\n]{1,200}\} *$\n?"
    r"|\{\{-? ?(?:page|site|include|params?)\.[^{}\n]{1,200}\}\}"
    r"|^\\(?:new|clear)page *$\n?|^\\(?:pagebreak|noindent|(?:big|med|small)skip) *$\n?"
    r"|^\\[vh]space\*?\{[^{}\n]{1,20}\} *$\n?",
    re.MULTILINE | re.IGNORECASE,
)
_SPAN = re.compile(r"\[([^\[\]\n]{1,300})\](?=\{[.#][^{}\n]{1,100}\})")  # of Pandoc
_DEFINED = re.compile(r"(?<=\w)\n:\s+|^:\s+")
_VERSE = re.compile(r"^\|\s(?![^\n]*\|)", re.MULTILINE)
_TITLE_BLOCK = re.compile(
    r"\A\ufeff?% (?P<title>[^\n]+)\n(?:% ?(?P<author>[^\n]*)\n)?(?:% ?[^\n]*\n)?\s*\n"
)
_ATTRIBUTES = re.compile(r"\s*\{[#.][^{}]{1,100}\}\s*$")
# Remarks and tabs of MkDocs, of which the title is said
_TITLED = re.compile(
    r"^(?:!!!|\?\?\?\+?|===) ?(?:[\w-]{1,20} ?)?"
    r"(?:[\"“”](?P<title>[^\"“”\n]{1,200})[\"“”])?[ ]*$\n?",
    re.MULTILINE,
)
_OF_ELEMENT = re.compile(
    r"^\{:? ?(?:[.#][\w-]+|[\w-]+=[^{}\s]+)(?: +(?:[.#][\w-]+|[\w-]+=[^{}\s]+))* ?\}"
)
_TOML = re.compile(r"\A\ufeff?\+\+\+ *\n(?P<fields>.*?)^\+\+\+ *$\n?", re.DOTALL | re.MULTILINE)
_CODE = {"code", "pre"}
# The tags of HTML around code; what stands between backquotes is none.
_HTML_CODE = re.compile(
    r"(?<!`)(?P<quote>`+)[^`]{1,1000}(?P=quote)(?!`)"
    r"|<(?P<close>/?)(?P<name>code|kbd|samp|tt|pre)\b[^<>]*>",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^(title|author|lang|language)\s*[:=]\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE
)


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take a Markdown file apart; raise ExtractionError if there is nothing in it."""
    return extract(decode(data), title=title)


def extract(text: str, *, title: str = "", is_pasted: bool = False) -> Extracted:
    """Take Markdown apart; what HTML is in it is sanitised like any other.

    ``is_pasted``: it only looks like Markdown, so that what looks like HTML or is set in is text.
    """
    markdown = MarkdownIt("commonmark", {"maxNesting": 50, "html": not is_pasted})
    markdown.enable(["table", "strikethrough"]).disable(["code"] if is_pasted else [])
    markdown.use(footnote_plugin).use(front_matter_plugin).use(sub_plugin).use(superscript_plugin)
    markdown.inline.ruler.before("escape", "tex", _formula)
    markdown.inline.ruler.before("emphasis", "mark", _mark)
    markdown.inline.ruler.before("link", "wiki link", _wiki_link)
    toml, block = _TOML.match(text), _TITLE_BLOCK.match(text)
    head = toml or block
    tokens = markdown.parse(text[head.end() :] if head else text)
    for token in tokens:
        if token.type == "fence" and token.info.strip().lower() == "math":
            made = of_tex(token.content.strip(), "block")
            if made:
                token.type, token.content = "html_block", f"<p>{made[0]}</p>\n"
    front = next((token.content for token in tokens if token.type == "front_matter"), "")
    front = toml["fields"] if toml else front
    fields = {name.lower(): value.strip("\"'") for name, value in _FIELD.findall(front)}
    if block:
        fields |= {name: value.strip() for name, value in block.groupdict("").items()}
    html = markdown.renderer.render(tokens, markdown.options, {})
    if not html.strip():
        raise ExtractionError("There is nothing to read: the text is empty.")
    body = lxml.html.fragment_fromstring(html, create_parent="body", parser=_PARSER)
    for section in body.iter():
        if "footnotes" in section.get("class", "").split():
            section.set("role", "doc-endnotes")
        if name_of(section) == "sup" and "footnote-ref" in section.get("class", ""):
            section.set("role", "doc-noteref")
        if name_of(section) in {"p", "li"} and section.text:
            section.text = _WRITTEN.sub(_said, section.text)
        if name_of(section) in HEADINGS:
            _drop_attributes(section)
        if section.text and name_of(section) not in _CODE:
            section.text = _without_signs(section.text)
        if section.tail:
            section.tail = _UNSHOWN.sub("", _SPAN.sub(r"\1", _OF_ELEMENT.sub("", section.tail)))
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


def _said(sign: re.Match[str]) -> str:
    """Return what is said for a box to be ticked, nothing, or for the kind of a remark."""
    return f"{sign['remark'].capitalize()}: " if sign["remark"] else ""


def _without_signs(text: str) -> str:
    text = _VERSE.sub("", _DEFINED.sub(_definition, _SPAN.sub(r"\1", text)))
    return _UNSHOWN.sub("", _UNSHOWN_LINES.sub("", _TITLED.sub(_title_of, text)))


def _definition(sign: re.Match[str]) -> str:
    """Return what stands between a term and what it means; nothing before a caption."""
    return ": " if sign.start() else ""


def _title_of(found: re.Match[str]) -> str:
    return f"{found['title']}\n" if found["title"] else ""


def _drop_attributes(heading: etree._Element) -> None:
    last = heading[-1] if len(heading) else None
    if last is None:
        heading.text = _ATTRIBUTES.sub("", heading.text or "")
    else:
        last.tail = _ATTRIBUTES.sub("", last.tail or "")


def _wiki_link(state: StateInline, silent: bool) -> bool:
    """Read [[Page|words]]; a file that is shown there says nothing."""
    found = _WIKI_LINK.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    is_shown = not _FILE.search(found["page"]) and found["page"] != "_TOC_"
    if not silent and is_shown:
        state.push("text", "", 0).content = found["words"] or found["page"].replace("#", " ")
    state.pos = found.end()
    return True


def _mark(state: StateInline, silent: bool) -> bool:
    """Read ==highlighted== words."""
    found = _HIGHLIGHT.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        end = state.posMax
        state.pos, state.posMax = found.span(1)
        state.push("mark_open", "mark", 1)
        state.md.inline.tokenize(state)
        state.push("mark_close", "mark", -1)
        state.posMax = end
    state.pos = found.end()
    return True


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
    code = _html_code_in(text)
    return {
        found.start: found
        for found in tex_in(text)
        if not code or code[bisect(code, (found.end, 0)) - 1][1] <= found.start
    }


def _html_code_in(text: str) -> list[tuple[int, int]]:
    """Return where the elements of HTML stand that hold code; empty if there are none."""
    code = [(-1, -1)]
    name, start = "", 0
    for tag in _HTML_CODE.finditer(text):
        if tag["quote"]:
            continue
        if not name and not tag["close"]:
            name, start = tag["name"].lower(), tag.start()
        elif tag["close"] and tag["name"].lower() == name:
            code.append((start, tag.end()))
            name = ""
    return code if len(code) > 1 else []
