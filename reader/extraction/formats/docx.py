"""Word documents (DOCX) -> block drafts: styles to headings, lists and the like; notes last."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree
from lxml.builder import E

from reader.extraction.archives import DAMAGED, Archive, parse_xml
from reader.extraction.drafts import Extracted, ExtractionError
from reader.extraction.language import guess_language
from reader.extraction.pictures import Pictures
from reader.extraction.tree.blocks import blocks_of

MAX_TABLE_DEPTH = 5
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_NUMBERINGS = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
_SWITCHES = {"b": "strong", "i": "em", "strike": "s"}
_NO_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def extract_file(data: bytes, title: str = "") -> Extracted:
    """Take a Word document apart. Raises ExtractionError."""
    archive = Archive(data)
    for path in archive.paths():  # within the limits, before the library reads it whole
        if path.endswith((".xml", ".rels")):
            archive.read(path)
    try:
        document = docx.Document(io.BytesIO(data))
    except Exception as error:  # the library raises whatever its parts do
        raise ExtractionError(DAMAGED) from error
    body = _Reader(document).body()
    pictures = Pictures(lambda relation: _picture(document, relation))
    text = " ".join(body.itertext())
    language = _language(document) or guess_language(text)
    properties = document.core_properties
    return Extracted(
        title.strip() or (properties.title or "").strip()[:300] or _first_title(body),
        language,
        blocks_of(body, language, pictures),
        author=(properties.author or "").strip()[:300],
    )


def _first_title(body: etree._Element) -> str:
    first = next(iter(body), None)
    if first is not None and first.tag in {"h1", "h2"}:
        return " ".join("".join(first.itertext()).split())[:300]
    return ""


def _language(document: WordDocument) -> str:
    """Return the language of the document's defaults; Word's own default says nothing."""
    for element in document.styles.element.iter(qn("w:lang")):
        return str(element.get(qn("w:val")) or "").strip()
    return ""


class _Reader:
    """Makes HTML elements of a Word document."""

    def __init__(self, document: WordDocument) -> None:
        self._document = document
        self._counters: dict[tuple[str, int], int] = defaultdict(int)
        self._formats = dict(_number_formats(document))
        self._notes: list[etree._Element] = []
        self._footnotes = {kind: _notes_of(document, kind) for kind in ("footnotes", "endnotes")}

    def body(self) -> etree._Element:
        body = E.body()
        for item in self._document.iter_inner_content():
            if isinstance(item, Table):
                body.append(self._table(item, 0))
            else:
                body.extend(self._paragraph(item))
        if self._notes:
            body.append(E.section(*self._notes, role="doc-endnotes"))
        return body

    def _paragraph(self, paragraph: Paragraph) -> Iterator[etree._Element]:
        content = self._content(paragraph._p)
        yield from _pictures(paragraph._p)
        if not "".join(content.itertext()).strip():
            return
        name = (paragraph.style.name if paragraph.style else "") or ""
        folded = name.lower()
        if match := _HEADING.match(name):
            content.tag = f"h{min(int(match[1]), 6)}"
        elif folded == "title":
            content.tag = "h1"
        elif level := _outline_level(paragraph):
            content.tag = f"h{min(level, 6)}"
        elif folded.startswith(("quote", "intense quote", "block text")):
            content = E.blockquote(content)
        elif "code" in folded.split() or folded.startswith(("html preformatted", "macro")):
            content.tag = "pre"
        elif folded == "caption":
            content = E.figure(E.figcaption(*content, content.text or ""))
        else:
            content = self._in_list(paragraph, content, folded)
        yield content

    def _in_list(self, paragraph: Paragraph, content: etree._Element, name: str) -> etree._Element:
        number_id, level = _numbering_of(paragraph)
        if not number_id:
            if not name.startswith(("list bullet", "list number", "list paragraph")):
                return content
            if name.startswith("list paragraph"):
                return content
            digits = re.sub(r"\D", "", name)
            number_id, level = name, int(digits) - 1 if digits else 0
            kind = "1" if "number" in name else ""
        else:
            kind = self._formats.get((number_id, level), "")
            if match := re.fullmatch(r"list \w+ (\d)", name):
                level = int(match[1]) - 1  # "List Bullet 2" is a list of its own to Word
        for key in [key for key in self._counters if key[0] == number_id and key[1] > level]:
            del self._counters[key]
        self._counters[number_id, level] += 1
        content.tag = "li"
        if kind:
            start = str(self._counters[number_id, level])
            element = E.ol(content, type=kind, start=start)
        else:
            element = E.ul(content)
        for _ in range(min(level, 8)):
            element = E.ul(element)
        return element

    def _content(self, source: Any) -> etree._Element:
        """Return the running text of a paragraph as a <p>."""
        target = E.p()
        self._fill(source, target)
        return target

    def _fill(self, source: Any, target: etree._Element) -> None:
        for child in source:
            tag = child.tag
            if tag == qn("w:r"):
                self._run(child, target)
            elif tag == qn("w:hyperlink"):
                link = E.a()
                if address := self._address(child.get(qn("r:id"))):
                    link.set("href", address)
                self._fill(child, link)
                target.append(link)
            elif tag in {qn("w:ins"), qn("w:smartTag"), qn("w:fldSimple"), qn("w:sdt"),
                         qn("w:sdtContent"), qn("w:moveTo")}:  # fmt: skip
                self._fill(child, target)
            elif tag == qn("m:oMath") or tag == qn("m:oMathPara"):
                said = " ".join("".join(child.itertext()).split())
                target.append(E.math(said, alttext=said))

    def _run(self, run: Any, target: etree._Element) -> None:
        properties = run.find(qn("w:rPr"))
        if properties is not None and _is_on(properties.find(qn("w:vanish"))):
            return
        inner = target
        for name, tag in _SWITCHES.items():
            if properties is not None and _is_on(properties.find(qn(f"w:{name}"))):
                inner = _appended(inner, tag)
        if properties is not None:
            raised = properties.find(qn("w:vertAlign"))
            kind = raised.get(qn("w:val")) if raised is not None else ""
            if kind in {"superscript", "subscript"}:
                inner = _appended(inner, kind[:3])
        for child in run:
            if child.tag == qn("w:t"):
                _say(inner, child.text or "")
            elif child.tag == qn("w:tab"):
                _say(inner, " ")
            elif child.tag in {qn("w:br"), qn("w:cr")}:
                _appended(inner, "br")
            elif child.tag == qn("w:noBreakHyphen"):
                _say(inner, "\u2011")
            elif child.tag in {qn("w:footnoteReference"), qn("w:endnoteReference")}:
                self._note(child, target)

    def _note(self, reference: Any, target: etree._Element) -> None:
        kind = "footnotes" if reference.tag == qn("w:footnoteReference") else "endnotes"
        note = self._footnotes[kind].get(reference.get(qn("w:id")) or "")
        if note is None:
            return
        number = str(len(self._notes) + 1)
        mark = _appended(target, "sup")
        mark.text = number
        mark.set("role", "doc-noteref")
        written = E.p(f"{number}. ")
        for paragraph in note.iter(qn("w:p")):
            self._fill(paragraph, written)
        self._notes.append(written)

    def _address(self, relation: str | None) -> str:
        relations = self._document.part.rels
        if not relation or relation not in relations:
            return ""
        found = relations[relation]
        return str(found.target_ref) if found.is_external else ""

    def _table(self, table: Table, depth: int) -> etree._Element:
        element = E.table()
        for number, row in enumerate(table._tbl.iter(qn("w:tr"))):
            if next(row.iterancestors(qn("w:tbl"))) is not table._tbl:
                continue
            is_head = number == 0 and row.find(f".//{qn('w:tblHeader')}") is not None
            written = E.tr()
            for cell in row.iter(qn("w:tc")):
                if next(cell.iterancestors(qn("w:tbl"))) is not table._tbl:
                    continue
                target = _appended(written, "th" if is_head else "td")
                for paragraph in cell.iter(qn("w:p")):
                    self._fill(paragraph, target)
                    _say(target, " ")
            element.append(written)
        return element


def _appended(parent: etree._Element, tag: str) -> etree._Element:
    return etree.SubElement(parent, tag)


def _say(element: etree._Element, text: str) -> None:
    text = _NO_CHARACTERS.sub("", text)
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _is_on(switch: Any) -> bool:
    return switch is not None and switch.get(qn("w:val")) not in {"0", "false", "off", "none"}


def _outline_level(paragraph: Paragraph) -> int:
    """Return the level of a heading of a style of one's own, or 0."""
    style: Any = paragraph.style
    sources = [paragraph._p.pPr]
    for _ in range(10):
        if style is None:
            break
        sources.append(style.element.find(qn("w:pPr")))
        if match := _HEADING.match(style.name or ""):
            return int(match[1])
        style = style.base_style
    for source in sources:
        level = source.find(qn("w:outlineLvl")) if source is not None else None
        value = level.get(qn("w:val")) if level is not None else None
        if value and value.isdecimal() and int(value) < 9:
            return int(value) + 1
    return 0


def _numbering_of(paragraph: Paragraph) -> tuple[str, int]:
    style: Any = paragraph.style
    sources = [paragraph._p.pPr]
    for _ in range(10):
        if style is None:
            break
        sources.append(style.element.find(qn("w:pPr")))
        style = style.base_style
    for source in sources:
        numbering = source.find(qn("w:numPr")) if source is not None else None
        if numbering is None:
            continue
        number, level = numbering.find(qn("w:numId")), numbering.find(qn("w:ilvl"))
        value = level.get(qn("w:val")) if level is not None else "0"
        number_id = number.get(qn("w:val")) if number is not None else ""
        if number_id == "0":
            return "", 0
        return number_id or "", int(value) if value and value.isdecimal() else 0
    return "", 0


def _number_formats(document: WordDocument) -> Iterator[tuple[tuple[str, int], str]]:
    """Yield for each list and level the type of its numbers; empty for bullets."""
    try:
        numbering = document.part.numbering_part.element
    except (KeyError, NotImplementedError, AttributeError):
        return
    levels: dict[str, dict[int, str]] = {}
    for abstract in numbering.iter(qn("w:abstractNum")):
        formats = levels.setdefault(abstract.get(qn("w:abstractNumId")) or "", {})
        for level in abstract.iter(qn("w:lvl")):
            kind = level.find(qn("w:numFmt"))
            name = kind.get(qn("w:val")) if kind is not None else "decimal"
            number = level.get(qn("w:ilvl")) or "0"
            if number.isdecimal():
                bulleted = name in {"bullet", "none"}
                formats[int(number)] = "" if bulleted else _NUMBERINGS.get(name or "", "1")
    for number in numbering.iter(qn("w:num")):
        target = number.find(qn("w:abstractNumId"))
        if target is not None:
            for level, kind in levels.get(target.get(qn("w:val")) or "", {}).items():
                yield (number.get(qn("w:numId")) or "", level), kind


def _notes_of(document: WordDocument, kind: str) -> dict[str, etree._Element]:
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(f"/{kind}"):
            root = parse_xml(relation.target_part.blob)
            tag = qn(f"w:{kind.removesuffix('s')}")
            return {note.get(qn("w:id")) or "": note for note in root.iter(tag)}
    return {}


def _pictures(source: Any) -> Iterator[etree._Element]:
    for drawing in source.iter(qn("w:drawing")):
        properties = next(drawing.iter(qn("wp:docPr")), None)
        alt = (properties.get("descr") or "").strip() if properties is not None else ""
        blip = next(drawing.iter(qn("a:blip")), None)
        relation = (blip.get(qn("r:embed")) or "") if blip is not None else ""
        yield E.figure(E.img(alt=_NO_CHARACTERS.sub("", alt), src=relation))


def _picture(document: WordDocument, relation: str) -> bytes | None:
    found = document.part.rels.get(relation)
    return None if found is None or found.is_external else bytes(found.target_part.blob)
