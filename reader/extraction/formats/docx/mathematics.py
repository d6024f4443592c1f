"""Office's mathematics (OMML) -> MathML, which all formats share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree
from lxml.builder import E

from reader.extraction.formats.docx.names import m, w

APPLIED = "\u2061"  # a function to what follows
_TOKENS = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]|\s+|.", re.DOTALL)
# "1", "2.1a", "A.3"
_EQUATION_NUMBER = re.compile(r"[A-Z]?[.-]?\d[\w.–-]{0,10}")
_WORD = re.compile(r"[^\W\d_]{2,}")
# As LibreOffice and Pages write them, in no style of their own.
_FUNCTIONS = {
    *("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "arcsin", "arccos"),
    *("arctan", "log", "ln", "lg", "exp", "lim", "max", "min", "sup", "inf", "det", "dim", "ker"),
    *("gcd", "deg", "arg", "mod"),
}


def mathml(source: etree._Element) -> etree._Element:
    """Return a formula (``m:oMath`` or ``m:oMathPara``) as ``<math>``."""
    if source.tag == m("oMathPara"):
        found = [_row(each) for each in source if each.tag == m("oMath")]
        math = E.math(*(found if len(found) == 1 else [E.mrow(*found)]))
        math.set("display", "block")
        return math
    return E.math(_row(source))


def fraction(above: str, below: str) -> etree._Element:
    """Return a fraction of two texts."""
    return E.math(E.mfrac(E.mrow(*_tokens(above)), E.mrow(*_tokens(below))))


def _row(source: etree._Element | None) -> etree._Element:
    """Return what is in an element as one: itself if it is one, else as a row."""
    inner = list(_content(source)) if source is not None else []
    return inner[0] if len(inner) == 1 else E.mrow(*inner)


def _content(source: etree._Element) -> Iterator[etree._Element]:
    for child in source:
        if child.tag in _WRITERS:
            yield _WRITERS[child.tag](child)
        elif child.tag == m("r") or child.tag == w("r"):
            yield from _run(child)
        elif not isinstance(child.tag, str) or child.tag.endswith("Pr") or child.tag == w("del"):
            continue
        else:
            yield from _content(child)


def _run(run: etree._Element) -> Iterator[etree._Element]:
    text = "".join(each.text or "" for each in run.iter(m("t"), w("t")))
    properties = run.find(m("rPr"))
    is_text = properties is not None and properties.find(m("nor")) is not None
    style = _value(properties, "sty") if properties is not None else ""
    if is_text:
        yield E.mtext(text)
    elif _WORD.fullmatch(text.strip()) and (style == "p" or text.strip() in _FUNCTIONS):
        yield E.mi(text.strip())  # upright letters are one name: sin, max
    else:
        yield from _tokens(text)


def _tokens(text: str) -> Iterator[etree._Element]:
    for token in _TOKENS.findall(text):
        if token[0].isdigit():
            yield E.mn(token)
        elif token.isalpha():
            yield E.mi(token)
        elif not token.isspace() and token.isprintable():
            yield E.mo(token)


def _value(properties: etree._Element | None, name: str, otherwise: str = "") -> str:
    child = properties.find(m(name)) if properties is not None else None
    return otherwise if child is None else child.get(m("val"), otherwise)


def _of(source: etree._Element, name: str) -> etree._Element:
    return _row(source.find(m(name)))


def _fraction(source: etree._Element) -> etree._Element:
    written = E.mfrac(_of(source, "num"), _of(source, "den"))
    if _value(source.find(m("fPr")), "type") == "noBar":
        written.set("linethickness", "0")
    return written


def _script(tag: str, *names: str) -> Callable[[etree._Element], etree._Element]:
    def write(source: etree._Element) -> etree._Element:
        return etree.Element(tag) if not len(source) else E(tag, *(_of(source, n) for n in names))

    return write


def _before(source: etree._Element) -> etree._Element:
    return E.mmultiscripts(
        _of(source, "e"), E.mprescripts(), _of(source, "sub"), _of(source, "sup")
    )


def _root(source: etree._Element) -> etree._Element:
    degree = source.find(m("deg"))
    is_square = degree is None or not "".join(degree.itertext()).strip()
    if is_square or _value(source.find(m("radPr")), "degHide") in {"1", "on", "true"}:
        return E.msqrt(_of(source, "e"))
    return E.mroot(_of(source, "e"), _row(degree))


def _large(source: etree._Element) -> etree._Element:
    properties = source.find(m("naryPr"))
    sign = E.mo(_value(properties, "chr", "∫") or "∫")
    below, above = (
        part if part is not None and "".join(part.itertext()).strip() else None
        for part in (source.find(m("sub")), source.find(m("sup")))
    )
    if below is not None and above is not None:
        sign = E.munderover(sign, _row(below), _row(above))
    elif below is not None:
        sign = E.munder(sign, _row(below))
    elif above is not None:
        sign = E.mover(sign, _row(above))
    return E.mrow(sign, _of(source, "e"))


def _delimited(source: etree._Element) -> etree._Element:
    properties = source.find(m("dPr"))
    first, apart, last = (
        _value(properties, name, usual)
        for name, usual in (("begChr", "("), ("sepChr", "|"), ("endChr", ")"))
    )
    written = E.mrow(*([E.mo(first)] if first else []))
    for number, part in enumerate(source.findall(m("e"))):
        if number and apart:
            written.append(E.mo(apart))
        written.append(_row(part))
    written.extend([E.mo(last)] if last else [])
    return written


def _function(source: etree._Element) -> etree._Element:
    return E.mrow(_of(source, "fName"), E.mo(APPLIED), _of(source, "e"))


def _accent(source: etree._Element) -> etree._Element:
    return E.mover(_of(source, "e"), E.mo(_value(source.find(m("accPr")), "chr", "^")), accent="1")


def _bar(source: etree._Element) -> etree._Element:
    tag = "mover" if _value(source.find(m("barPr")), "pos") == "top" else "munder"
    return E(tag, _of(source, "e"), E.mo("¯"))


def _grouped(source: etree._Element) -> etree._Element:
    properties = source.find(m("groupChrPr"))
    tag = "mover" if _value(properties, "pos") == "top" else "munder"
    return E(tag, _of(source, "e"), E.mo(_value(properties, "chr", "⏟") or "⏟"))


def _matrix(source: etree._Element) -> etree._Element:
    return E.mtable(
        *(
            E.mtr(*(E.mtd(_row(cell)) for cell in row.findall(m("e"))))
            for row in source.findall(m("mr"))
        )
    )


def _equations(source: etree._Element) -> etree._Element:
    return E.mtable(*(E.mtr(E.mtd(_equation(each))) for each in source.findall(m("e"))))


def _equation(line: etree._Element) -> etree._Element:
    """Return one of several equations: "&" is where they are aligned, "#" is before its number."""
    for text in line.iter(m("t")):
        text.text = (text.text or "").replace("&", "")
    for run in line.findall(m("r")):
        text = run.find(m("t"))
        before, sign, number = ((text.text if text is not None else "") or "").partition("#")
        if text is None or not sign:
            continue
        others = list(run.itersiblings())
        number += "".join(each.text or "" for other in others for each in other.iter(m("t")))
        number = number.strip("() ")
        if not _EQUATION_NUMBER.fullmatch(number):
            break  # "#A": how many there are
        text.text = before
        for other in others:
            line.remove(other)
        return E.mrow(_row(line), E.mtext(f"\xa0({number})"))
    return _row(line)


def _phantom(source: etree._Element) -> etree._Element:
    is_shown = _value(source.find(m("phantPr")), "show", "1") not in {"0", "off", "false"}
    return _of(source, "e") if is_shown else E.mrow()


_WRITERS: dict[str, Callable[[etree._Element], etree._Element]] = {
    m("f"): _fraction,
    m("sSup"): _script("msup", "e", "sup"),
    m("sSub"): _script("msub", "e", "sub"),
    m("sSubSup"): _script("msubsup", "e", "sub", "sup"),
    m("sPre"): _before,
    m("rad"): _root,
    m("nary"): _large,
    m("d"): _delimited,
    m("func"): _function,
    m("acc"): _accent,
    m("bar"): _bar,
    m("groupChr"): _grouped,
    m("limLow"): _script("munder", "e", "lim"),
    m("limUpp"): _script("mover", "e", "lim"),
    m("m"): _matrix,
    m("eqArr"): _equations,
    m("phant"): _phantom,
}
