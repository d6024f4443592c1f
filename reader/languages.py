"""Names of languages for people."""

from __future__ import annotations

from django.conf.locale import LANG_INFO


def language_name(tag: str) -> str:
    """Return the English name of a BCP 47 tag's language, or the tag itself."""
    known = tag.lower()
    while known:
        info = LANG_INFO.get(known)
        if info and "name" in info:
            return str(info["name"])
        known = known.rpartition("-")[0]
    return tag
