"""PDFs made by hand, so that each stands for one trait of the real ones, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin

FONTS = ("Times-Roman", "Times-Bold", "Helvetica", "Courier", "Symbol", "ZapfDingbats")
KOREAN = "HYSMyeongJo-Medium"
WIDTH, HEIGHT = 595, 842


class Paper:
    """Text at places of pages, in the fonts that every reader of PDFs has."""

    def __init__(self) -> None:
        self._pages: list[list[bytes]] = []
        self.page()

    def page(self) -> Paper:
        self._pages.append([])
        return self

    def text(
        self, x: float, y: float, text: str, size: float = 10, font: str = FONTS[0], turn: float = 0
    ) -> Paper:
        """Write text from a place on its baseline, turned to the left by so many degrees."""
        a, b = cos(radians(turn)), sin(radians(turn))
        place = f"{a:.4f} {b:.4f} {-b:.4f} {a:.4f} {x} {y} Tm"
        self._pages[-1].append(_shown(text, size, font, f"{place} 0 Ts"))
        return self

    def more(self, text: str, size: float = 10, font: str = FONTS[0], rise: float = 0) -> Paper:
        """Go on where the last text ended, raised or lowered by so many points."""
        self._pages[-1].append(_shown(text, size, font, f"{rise} Ts"))
        return self

    def lines(
        self, x: float, y: float, lines: Sequence[str], size: float = 10, font: str = FONTS[0]
    ) -> Paper:
        """Write lines below each other, at a distance of 1.2 sizes."""
        for number, line in enumerate(lines):
            self.text(x, y - number * size * 1.2, line, size, font)
        return self

    def picture(self, left: float, bottom: float, width: float, height: float) -> Paper:
        """Draw a grey picture at a place of the page."""
        place = f"{width} 0 0 {height} {left} {bottom} cm"
        image = "BI /W 1 /H 1 /CS /G /BPC 8 ID \x7f EI"
        self._pages[-1].append(f"ET q {place} {image} Q BT".encode())
        return self

    def made(self) -> bytes:
        """Return the file."""
        # An object's number is its place: catalogue, pages, fonts, then two objects a page.
        first = 3 + len(FONTS) + 2
        kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(self._pages)))
        names = " ".join(f"/F{number} {3 + number} 0 R" for number in range(len(FONTS) + 1))
        objects = [
            b"<</Type/Catalog/Pages 2 0 R>>",
            f"<</Type/Pages/Kids[{kids}]/Count {len(self._pages)}>>".encode(),
            *(_font(name) for name in FONTS),
            f"<</Type/Font/Subtype/Type0/BaseFont/{KOREAN}/Encoding/UniKS-UCS2-H"
            f"/DescendantFonts[{3 + len(FONTS) + 1} 0 R]>>".encode(),
            f"<</Type/Font/Subtype/CIDFontType0/BaseFont/{KOREAN}/DW 1000/CIDSystemInfo"
            "<</Registry(Adobe)/Ordering(Korea1)/Supplement 1>>>>".encode(),
        ]
        for number, operations in enumerate(self._pages):
            content = b"BT\n" + b"\n".join(operations) + b"\nET"
            objects.append(
                f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Resources<</Font"
                f"<<{names}>>>>/Contents {first + 2 * number + 1} 0 R>>".encode()
            )
            objects.append(b"<</Length %d>>stream\n%b\nendstream" % (len(content), content))
        return file_of(objects)


def file_of(objects: Sequence[bytes]) -> bytes:
    """Return the file of these objects, the first of which is the catalogue."""
    made, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    at = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    made += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, at)
    return bytes(made)


def _shown(text: str, size: float, font: str, place: str) -> bytes:
    if font == KOREAN:
        operand = b"<%s>" % text.encode("utf-16-be").hex().encode()
    else:
        escaped = "".join(f"\\{each}" if each in "()\\" else each for each in text)
        operand = b"(%s)" % escaped.encode("latin-1" if font == "Symbol" else "cp1252")
    number = (*FONTS, KOREAN).index(font)
    return f"/F{number} {size} Tf {place} ".encode() + operand + b" Tj"


def _font(name: str) -> bytes:
    encoding = "" if name in {"Symbol", "ZapfDingbats"} else "/Encoding/WinAnsiEncoding"
    return f"<</Type/Font/Subtype/Type1/BaseFont/{name}{encoding}>>".encode()
