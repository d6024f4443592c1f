"""Characters of symbol fonts, which Word keeps by their places in the font."""

from __future__ import annotations

# Adobe's encoding of the font Symbol, from 0x21 on; a space where there is no such letter.
_FIRST = 0x21
_SYMBOL = (
    "!∀#∃%&∍()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_ αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
    + " " * 33
    + "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈… —↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑ "
)
_WINGDINGS = {
    0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x76: "❖", 0x9F: "•", 0xA7: "▪", 0xA8: "☐",
    0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒",
    0xFE: "☑",
}  # fmt: skip


def symbol(font: str, code: int) -> str:
    """Return the character at a place in a font; what is not known, nothing."""
    place = code & 0xFF if 0xF000 <= code <= 0xF0FF else code
    if font.lower().startswith("symbol"):
        at = place - _FIRST
        return _SYMBOL[at].strip() if 0 <= at < len(_SYMBOL) else ""
    if font.lower().startswith("wingdings"):
        return _WINGDINGS.get(place, "")
    return chr(code) if code >= 0x20 and not 0xE000 <= code <= 0xF8FF else ""
