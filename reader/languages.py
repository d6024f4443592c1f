"""Names of languages for people."""

from __future__ import annotations

from django.conf.locale import LANG_INFO


def language_name(tag: str) -> str:
    """Return the English name of a BCP 47 tag's language, or the tag itself."""
    tag = tag.lower()
    while tag:
        info = LANG_INFO.get(tag)
        if info and "name" in info:
            return str(info["name"])
        tag = tag.rpartition("-")[0]
    return tag
