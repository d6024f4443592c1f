"""What is set one above the other within a line: fractions, and a power over an index."""

from __future__ import annotations

from lxml import etree

from reader.extraction.tree.elements import BLOCKS, RAISED, name_of

BAR = "\u2044"
_BELOW = {"den", "denominator"}
_PAIR = "template-chem2-su"
_STACKED = etree.XPath(f"descendant::*[@class='num' or @class='numerator' or @class='{_PAIR}']")


def unstack(body: etree._Element) -> None:
    """Put in a row, in place, what style sheets stack: as numbers in a row it would be one."""
    stacked = _STACKED(body)
    for above in stacked:
        if above.get("class") == _PAIR or (below := _denominator(above)) is None:
            continue
        is_of_numbers = all("".join(each.itertext()).strip().isdecimal() for each in (above, below))
        if is_of_numbers:
            above.tag, below.tag = "sup", "sub"
        above.tail = BAR if is_of_numbers else "/"
        for between in above.itersiblings():
            if between is below:
                break
            between.clear()
    parted = [
        parent
        for line_end in body.iter("br")
        if (above := line_end.getprevious()) is not None
        and name_of(above) == "sup"
        and (below := line_end.getnext()) is not None
        # Of an element with many in it, they are not counted for each.
        and above.getprevious() is None
        and below.getnext() is None
        and (parent := line_end.getparent()) is not None
        and name_of(parent) not in BLOCKS
    ]
    for pair in (*(each for each in stacked if each.get("class") == _PAIR), *parted):
        parts = [each for each in pair if name_of(each) != "br"]
        if len(parts) == 2 and not any((each.tail or "").strip() for each in pair):
            _set_index_first(pair, *parts)


def _denominator(above: etree._Element) -> etree._Element | None:
    if name_of(above) in BLOCKS:  # a number in a table
        return None
    below = above.getnext()
    if below is not None and below.get("class") not in _BELOW:  # a bar that is hidden
        below = below.getnext()
    return below if below is not None and below.get("class") in _BELOW else None


def _set_index_first(pair: etree._Element, power: etree._Element, index: etree._Element) -> None:
    """Have an index said before the power above it: as one says "x 1 squared"."""
    if name_of(power) == name_of(index) == "span":
        power.tag, index.tag = "sup", "sub"
    if (name_of(power), name_of(index)) != ("sup", "sub"):
        return
    power.tail = index.tail = None
    pair[:] = [index, power]
    pair.attrib.pop(RAISED, None)  # the stack is lowered a little as a whole
