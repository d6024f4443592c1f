"""Names of languages for people."""

from __future__ import annotations

from django.conf.locale import LANG_INFO

# Those that Django has no name for, and speech engines have voices of.
NAMES = {"zh": "Chinese", "cmn": "Chinese", "yue": "Cantonese", "hak": "Hakka", "la": "Latin"}


def language_name(tag: str) -> str:
    """Return the English name of a BCP 47 tag's language, or the tag itself."""
    known = tag.lower()
    while known:
        if known in NAMES:
            return NAMES[known]
        info = LANG_INFO.get(known)
        if info and "name" in info:
            return str(info["name"])
        known = known.rpartition("-")[0]
    return tag
