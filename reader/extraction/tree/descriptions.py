"""What is said of a picture to those who do not see it, unless it says nothing."""

from __future__ import annotations

import re

_WORDS = (
    r"images?|img|photos?|photographs?|pictures?|pics?|fig(?:ure)?|illustrations?|graphics?|icons?"
    r"|thumb(?:nail)?|screenshots?|diagrams?|charts?|drawings?|formulae?|formulas?|equations?|math"
    r"|bild(?:er)?|abb(?:ildung)?|foto(?:s|grafie)?|grafik|formel|imagen|imágen(?:es)?|imagem"
    r"|immagine|photographie|afbeelding|obraz|formule|fórmula|изображение|картинка|фото|рисунок"
    r"|формула|图片|图像|圖片|画像|写真|数式"
)
_BEFORE = r"inline|embedded|featured|article|main|hero|lead|blog|post|stock"
_MEANT = r"alt(?:ernat(?:e|ive))?|description|caption"
# Compiled for the first picture: that takes as long as to read some pages.
_PLACEHOLDER = (
    # A word for a picture, at most with a number; nothing but a number
    rf"(?:(?:{_BEFORE})[\s_-])*(?:{_WORDS})(?:[\s_-](?:here|alt|description|text|only))?[\s_#:.-]*\d*"
    r"|\(?\d*\)?"
    # A file's name, a camera's, or an address
    r"|[\w()%+.,~@ -]{1,120}\.(?:jpe?g|png|gif|svg|webp|bmp|tiff?|avif|heic|emf|wmf|eps)"
    r"|(?:IMG|DSC[NF]?|DSCF|PXL|DJI|MVI|WP)[_-]?\d{3,}[\d_.() -]*"
    r"|screen ?shot(?:from|at|um|[\d_.:\s-])*"
    r"|(?:https?://|data:|www\.|/)\S+"
    r"|[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    # What was meant to be replaced
    rf"|(?:no |missing |insert |add |enter )?(?:image |photo |picture )?(?:{_MEANT})"
    r"(?: text)?(?: here| (?:is )?(?:not )?available| missing)?"
    r"|(?:null|none|undefined|untitled|unnamed|n/a|na|todo|tbd|placeholder|spacer|blank|empty|pixel)"
    r"(?:[\s_-](?:image|picture|gif))?"
    rf"|(?:this )?(?:image|photo|picture) (?:has|with|without) (?:no )?(?:{_MEANT})(?: text)?"
    r"|(?:click|tap) to (?:enlarge|zoom|view|expand)(?: (?:the )?image)?|enlarge(?: image)?"
    r"|loading"
    # An ornament
    r"|(?:decorati(?:on|ve)|ornament(?:al)?|divider|separator|flourish|(?:scene|section)[\s_-]?break)"
    rf"(?:[\s_-](?:{_WORDS}|line|border))?"
)
_ONE_WORD = re.compile(r"[\w.-]+")
LONGEST = 300  # characters of what may hold a picture's place
# Word puts it below what it has guessed.
_GUESSED = re.compile(r"\s*Description automatically generated.*$", re.DOTALL)


def description(alt: str | None) -> str:
    """Return what an alternative text says of its picture; empty if it only holds its place."""
    said = _GUESSED.sub("", " ".join((alt or "").split()))
    if not said or (len(said) > LONGEST and not said.startswith("data:")):
        return said
    bare = said.strip(" .:;…[]()<>{}")
    if re.fullmatch(_PLACEHOLDER, bare, re.IGNORECASE) or _is_name_of_file(said):
        return ""
    return said


def _is_name_of_file(said: str) -> bool:
    """Tell whether this is one word of several, as files are called: lead_story, 12-lead-01."""
    joints = said.count("_") + said.count("-")
    return bool(_ONE_WORD.fullmatch(said)) and ("_" in said or joints > 1)
