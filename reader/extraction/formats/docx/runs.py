"""A paragraph of a Word document -> its running text, its boxes and its pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.builder import E

from reader.extraction.formats.docx.mathematics import fraction, mathml
from reader.extraction.formats.docx.names import OFF, is_unfilled, m, r, value, w
from reader.extraction.formats.docx.package import Package, Relation
from reader.extraction.formats.docx.styles import Styles
from reader.extraction.formats.docx.symbols import symbol

ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_SWITCHES = {"b": "strong", "i": "em", "strike": "s"}
# Text in these stands in the paragraph as it is read.
TRANSPARENT = {
    *(w(each) for each in ("ins", "smartTag", "sdt", "sdtContent", "moveTo", "customXml", "dir")),
    *(w(each) for each in ("bdo", "fldSimple", "rubyBase", "object", "rt")),
}
RAISED = 4  # half points, from which text that is set higher or lower is an index
LONGEST_INDEX = 4  # characters
# As Word calls the styles of a list of contents, LibreOffice, and either in another language.
CONTENTS = re.compile(
    r"toc ?\d|toc heading|table ?of ?(?:figures|authorities)|contents ?\d"
    r"|(?:(?:inhalts)?verzeichnis|tm|tdc|sommario|inhopg"
    r"|índice|indice|sumário|spis treści|obsah|оглавление|目次|目录) ?\d"
)
_CONTENTS_FIELD = re.compile(r"\s*TO[CA]\b", re.IGNORECASE)
PAGE_NUMBER = re.compile(r"\s*(?:\d{1,5}|[ivxlcdm]{1,7}|\d+-\d+)\s*", re.IGNORECASE)
_FRACTION = re.compile(r"\bEQ\b.*?\\f\s*\(\s*(.+?)\s*[,;]\s*(.+?)\s*\)\s*$", re.IGNORECASE)
_READING = re.compile(r"\bEQ\b.*?\\up\s*\d+\s*\((.+?)\)\s*[,;]\s*(.+?)\s*\)", re.IGNORECASE)
_GENERATED = re.compile(r"[,.;]?\s*(?:description )?automatically generated.*$", re.I | re.DOTALL)
_NO_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SIGNS = {
    **dict.fromkeys((w("tab"), w("ptab")), " "),
    w("noBreakHyphen"): "\u2011",
    w("softHyphen"): "\xad",
}


class Runs:
    """Reads paragraphs one after the other: fields go over their borders."""

    def __init__(self, package: Package, styles: Styles) -> None:
        self._package = package
        self._styles = styles
        self._part = package.main
        self._fields: list[list[str]] = []  # open ones: the parts of their instruction, or "="
        self._notes: list[tuple[str, str, etree._Element]] = []
        self._written_notes = {
            kind: (package.part(f"{kind}s"), _notes_of(package, kind))
            for kind in ("footnote", "endnote")
        }
        # Of the paragraph that is read.
        self._style = ""
        self._boxes: list[etree._Element] = []
        self._pictures: list[etree._Element] = []
        self._unsaid: set[etree._Element] = set()

    def read(
        self, paragraph: etree._Element
    ) -> tuple[etree._Element, list[etree._Element], list[etree._Element]]:
        """Return the running text of a paragraph as a <p>, its text boxes, and its pictures."""
        # An instruction ends with its paragraph, whatever was forgotten.
        self._fields = [field for field in self._fields if field[-1:] == ["="]]
        self._style = value(paragraph.find(w("pPr")), "pStyle")
        self._boxes, self._pictures = [], []
        self._unsaid = self._page_numbers(paragraph)
        target = E.p()
        self._fill(paragraph, target)
        return target, self._boxes, self._pictures

    def notes(self) -> Iterator[tuple[str, etree._Element]]:
        """Yield the notes that were referred to, each with its mark, in their order."""
        at = 0
        while at < len(self._notes):
            mark, part, note = self._notes[at]
            self._part = part
            yield (f"{mark}." if mark.isdecimal() else mark), note
            at += 1

    def relation(self, element: etree._Element, name: str = "id") -> Relation | None:
        """Return what an element of the part that is read refers to."""
        return self._package.relations(self._part).get(element.get(r(name)) or "")

    def _page_numbers(self, paragraph: etree._Element) -> set[etree._Element]:
        """Return the texts of the page's number at the end of a line of contents."""
        names = self._styles.names(paragraph)
        if not (names and CONTENTS.match(names[0])) and not self._is_in_contents(paragraph):
            return set()
        texts: list[etree._Element] = []
        for element in paragraph.iter(w("tab"), w("t"), w("ptab")):
            if element.tag == w("t"):
                texts.append(element)
            elif element.getparent() is not None and element.getparent().tag == w("r"):
                texts = []
        if len(texts) == sum(1 for _ in paragraph.iter(w("t"))):
            return set()  # no tab before it
        number = "".join(each.text or "" for each in texts)
        return set(texts) if PAGE_NUMBER.fullmatch(number) else set()

    def _is_in_contents(self, paragraph: etree._Element) -> bool:
        """Tell whether a field makes a paragraph that lists contents."""
        own = (each.text or "" for each in paragraph.iter(w("instrText")))
        instructions = [*("".join(field) for field in self._fields), *own]
        return any(_CONTENTS_FIELD.match(each) for each in instructions)

    def _fill(self, source: etree._Element, target: etree._Element) -> None:
        for child in source:
            tag = child.tag
            if tag == w("r"):
                self._run(child, target)
            elif tag == w("hyperlink"):
                link = E.a()
                if (relation := self.relation(child)) and relation.is_external:
                    link.set("href", relation.target)
                self._fill(child, link)
                target.append(link)
            elif tag in {m("oMath"), m("oMathPara")}:
                target.append(mathml(child))
            elif tag in TRANSPARENT and not is_unfilled(child):
                self._fill(child, target)
            elif (chosen := choice(child)) is not None:
                self._fill(chosen, target)

    def _run(self, run: etree._Element, target: etree._Element) -> None:
        if self._is_on(run, "vanish"):
            # Its fields begin and end all the same.
            for child in run.iter(w("fldChar"), w("instrText")):
                self._field(child, target)
            return
        inner = target
        for name, tag in _SWITCHES.items():
            if self._is_on(run, name, only_direct=True):
                inner = appended(inner, tag)
        if index := self._index(run):
            inner = appended(inner, index)
        for child in run:
            self._part_of_run(child, inner, target)

    def _part_of_run(
        self, child: etree._Element, inner: etree._Element, target: etree._Element
    ) -> None:
        tag = child.tag
        if tag in {w("fldChar"), w("instrText")}:
            self._field(child, target)
        elif any(field[-1:] != ["="] for field in self._fields):
            return  # within a field's instruction
        elif tag == w("t"):
            if child not in self._unsaid:
                say(inner, child.text or "")
        elif tag in SIGNS:
            say(inner, SIGNS[tag])
        elif tag in {w("br"), w("cr")}:
            appended(inner, "br")
        elif tag == w("sym"):
            say(inner, _symbol(child))
        elif tag in {w("footnoteReference"), w("endnoteReference")}:
            self._note(child, target)
        elif tag == w("ruby"):
            self._ruby(child, inner)
        elif tag in {w("drawing"), w("pict"), w("object")}:
            self._drawing(child)
        elif (chosen := choice(child)) is not None:
            for each in chosen:
                self._part_of_run(each, inner, target)

    def _field(self, child: etree._Element, target: etree._Element) -> None:
        """Follow a field: its instruction is not read, its result is."""
        kind = child.get(w("fldCharType"))
        if child.tag == w("instrText"):
            if self._fields and self._fields[-1][-1:] != ["="]:
                self._fields[-1].append(child.text or "")
        elif kind == "begin":
            self._fields.append([""])
        elif kind == "separate" and self._fields:
            self._fields[-1].append("=")
        elif kind == "end" and self._fields:
            field = self._fields.pop()
            if field[-1] != "=" and not self._fields:
                self._formula("".join(field), target)

    def _formula(self, instruction: str, target: etree._Element) -> None:
        """Write what old fields for formulas show, which have no result."""
        if found := _FRACTION.search(instruction):
            target.append(fraction(found[1], found[2]))
        elif found := _READING.search(instruction):
            target.append(E.ruby(found[2], E.rt(found[1])))

    def _ruby(self, ruby: etree._Element, target: etree._Element) -> None:
        written = appended(target, "ruby")
        for name, tag in (("rubyBase", "span"), ("rt", "rt")):
            part = ruby.find(w(name))
            if part is not None:
                inner = appended(written, tag)
                self._fill(part, inner)
                text = "".join(inner.itertext())
                if tag == "span":
                    written.remove(inner)
                    written.text = text
                else:
                    inner[:] = []
                    inner.text = text

    def _index(self, run: etree._Element) -> str:
        """Return sup or sub for what is raised or lowered, by its kind or by its place."""
        for source in self._styles.of_run(run, ""):
            kind, place = value(source, "vertAlign"), value(source, "position")
            if kind:
                return {"superscript": "sup", "subscript": "sub"}.get(kind, "")
            if re.fullmatch(r"-?\d{1,3}", place) and abs(int(place)) >= RAISED:
                text = "".join(each.text or "" for each in run.iter(w("t"))).strip()
                if 0 < len(text) <= LONGEST_INDEX:
                    return "sup" if int(place) > 0 else "sub"
        return ""

    def _is_on(self, run: etree._Element, name: str, *, only_direct: bool = False) -> bool:
        for source in self._styles.of_run(run, "" if only_direct else self._style):
            switch = source.find(w(name))
            if switch is not None:
                return switch.get(w("val")) not in OFF
            if only_direct:
                break
        return False

    def _note(self, reference: etree._Element, target: etree._Element) -> None:
        kind = "footnote" if reference.tag == w("footnoteReference") else "endnote"
        part, notes = self._written_notes[kind]
        note = notes.get(reference.get(w("id")) or "")
        if note is None:
            return
        mark = appended(target, "sup")
        mark.set("role", "doc-noteref")
        if reference.get(w("customMarkFollows")) in {"1", "true", "on"}:
            # What follows in its run is the mark.
            texts = list(reference.itersiblings(w("t")))
            mark.text = "".join(each.text or "" for each in texts) or "*"
            self._unsaid |= set(texts)
        else:
            mark.text = str(len(self._notes) + 1)
        self._notes.append((mark.text, part, note))

    def _drawing(self, drawing: etree._Element) -> None:
        for box in _boxes(drawing):
            self._boxes.append(box)
        names = [each for each in drawing.iter() if _local(each) == "docPr"]
        alt = names[0].get("descr") or "" if names else ""
        images = [each for each in drawing.iter() if _local(each) in {"blip", "imagedata"}]
        for image in images:
            source = image.get(r("embed")) or image.get(r("id")) or image.get(r("link")) or ""
            relation = self._package.relations(self._part).get(source)
            address = relation.target if relation and not relation.is_external else ""
            said = alt or image.get("alt") or ""
            self._pictures.append(E.figure(E.img(alt=_described(said), src=address)))
            alt = ""
        if alt and not images:
            self._pictures.append(E.figure(E.img(alt=_described(alt))))
        for words in self._drawn_words(drawing):
            self._pictures.append(E.p(_NO_CHARACTERS.sub("", words)))

    def _drawn_words(self, drawing: etree._Element) -> Iterator[str]:
        """Yield the paragraphs that stand in a drawing itself: WordArt, diagrams, charts."""
        for element in drawing.iter():
            name = _local(element)
            if name == "textpath" and (words := (element.get("string") or "").strip()):
                yield words
            elif name == "relIds" or (name == "chart" and element.get(r("id"))):
                relation = self.relation(element, "dm" if name == "relIds" else "id")
                if relation and not relation.is_external:
                    yield from _paragraphs(self._package.xml(relation.target))
        yield from _paragraphs(drawing)


def choice(element: etree._Element) -> etree._Element | None:
    """Return the one of several ways to say the same that is read: the newest with words."""
    if element.tag != ALTERNATIVES:
        return None
    ways = [each for each in element if isinstance(each.tag, str)]
    with_words = [each for each in ways if any(text.text for text in each.iter(w("t")))]
    return next(iter(with_words or ways), None)


def appended(parent: etree._Element, tag: str) -> etree._Element:
    """Append an element and return it."""
    return etree.SubElement(parent, tag)


def say(element: etree._Element, text: str) -> None:
    """Append text behind all that is in an element."""
    text = _NO_CHARACTERS.sub("", text)
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _boxes(drawing: etree._Element) -> Iterator[etree._Element]:
    """Yield the text boxes of a drawing, without those in others; of two versions one."""
    for child in drawing:
        chosen = choice(child)
        if chosen is not None:
            yield from _boxes(chosen)
        elif child.tag == w("txbxContent"):
            yield child
        else:
            yield from _boxes(child)


def _paragraphs(source: etree._Element) -> Iterator[str]:
    """Yield the paragraphs of DrawingML in a part or a drawing."""
    for paragraph in source.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}p"):
        words = "".join(each.text or "" for each in paragraph.iter() if _local(each) == "t")
        if words.strip():
            yield words


def _described(alt: str) -> str:
    return _NO_CHARACTERS.sub("", _GENERATED.sub("", alt)).strip()


def _symbol(element: etree._Element) -> str:
    try:
        code = int(element.get(w("char")) or "", 16)
    except ValueError:
        return ""
    return symbol(element.get(w("font")) or "", code) if code <= 0x10FFFF else ""


def _notes_of(package: Package, kind: str) -> dict[str, etree._Element]:
    notes = package.xml(package.part(f"{kind}s")).iter(w(kind))
    return {note.get(w("id")) or "": note for note in notes}


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
