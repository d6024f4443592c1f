"""The scripts that languages are written in (ISO 15924), as far as they tell who can speak what."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

# Languages (BCP 47) by script; all others are written in Latin letters.
LANGUAGES = {
    "Cyrl": "ab av ba be bg ce cv kk ky mk mn os ru sah sr tg tt udm uk",
    "Grek": "el grc",
    "Arab": "ar ckb fa ps sd ug ur",
    "Hebr": "he yi iw ji",
    "Deva": "hi kok mai mr ne sa bho",
    "Beng": "as bn bpy",
    "Guru": "pa",
    "Gujr": "gu",
    "Orya": "or",
    "Taml": "ta",
    "Telu": "te",
    "Knda": "kn",
    "Mlym": "ml",
    "Sinh": "si",
    "Thai": "th",
    "Laoo": "lo",
    "Mymr": "my shn",
    "Khmr": "km",
    "Tibt": "bo dz",
    "Geor": "ka xmf",
    "Armn": "hy hyw",
    "Ethi": "am ti",
    "Hans": "zh cmn yue hak nan wuu",
    "Jpan": "ja",
    "Kore": "ko",
    "Cher": "chr",
}
SCRIPT_OF = {tag: script for script, tags in LANGUAGES.items() for tag in tags.split()}
# Languages that are written in either of two.
ALSO_LATIN = frozenset({"sr", "kk", "mn", "tt"})
ALSO_CYRILLIC = frozenset({"az", "uz", "tk", "ro", "bs", "sh"})
# Scripts whose letters do not tell them from another one.
SAME_SCRIPT = {"Hant": "Hans", "Hani": "Hans", "Hira": "Jpan", "Kana": "Jpan", "Hang": "Kore"}
# How the names of characters begin, by script.
NAMES = {
    "LATIN": "Latn", "CYRILLIC": "Cyrl", "GREEK": "Grek", "ARABIC": "Arab", "HEBREW": "Hebr",
    "DEVANAGARI": "Deva", "BENGALI": "Beng", "GURMUKHI": "Guru", "GUJARATI": "Gujr",
    "ORIYA": "Orya", "TAMIL": "Taml", "TELUGU": "Telu", "KANNADA": "Knda", "MALAYALAM": "Mlym",
    "SINHALA": "Sinh", "THAI": "Thai", "LAO": "Laoo", "MYANMAR": "Mymr", "KHMER": "Khmr",
    "TIBETAN": "Tibt", "GEORGIAN": "Geor", "ARMENIAN": "Armn", "ETHIOPIC": "Ethi", "CJK": "Hans",
    "HIRAGANA": "Jpan", "KATAKANA": "Jpan", "HANGUL": "Kore", "CHEROKEE": "Cher",
}  # fmt: skip
LETTER = re.compile(r"[^\W\d_]")


def base_of(language: str) -> str:
    """Return the language of a BCP 47 tag, without script, region and the like."""
    return language.lower().replace("_", "-").partition("-")[0]


def scripts_of(language: str) -> frozenset[str]:
    """Return the scripts that a language (BCP 47) is written in; none of an unknown one."""
    base = base_of(language)
    if base in ("", "und", "mul"):
        return frozenset()
    for subtag in language.split("-")[1:]:
        if len(subtag) == 4 and subtag.isalpha():
            return frozenset({SAME_SCRIPT.get(subtag.title(), subtag.title())})
    scripts = {SCRIPT_OF.get(base, "Latn")}
    if base in ALSO_LATIN:
        scripts.add("Latn")
    if base in ALSO_CYRILLIC:
        scripts.add("Cyrl")
    if scripts & {"Jpan", "Kore"}:
        scripts.add("Hans")
    return frozenset(scripts)


def script_in(text: str) -> str:
    """Return the script that most letters of a text are in, or nothing of a text without any."""
    counts: Counter[str] = Counter()
    for letter, count in Counter(LETTER.findall(text)).items():
        name = unicodedata.name(letter, "").partition(" ")[0]
        counts[NAMES.get(name, "")] += count
    if counts["Hans"] and counts["Jpan"] * 20 > counts["Hans"]:
        counts["Jpan"] += counts.pop("Hans")  # written with Chinese characters and kana
    counts.pop("", None)
    return max(counts, key=lambda script: counts[script]) if counts else ""


def is_written_so(text: str, language: str) -> bool:
    """Tell whether a text is in a script of a language, as far as both are known."""
    script, known = script_in(text), scripts_of(language)
    return not script or not known or script in known


def with_arabic_digits(text: str) -> str:
    """Return a text with 123 for १२३: every voice reads these, and few voices others.

    Each character stays where it is.
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)
