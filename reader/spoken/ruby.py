"""Words with their readings, above them or in brackets behind them: either is said, not both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .passages import Ruby
from .text import Edit

READINGS = "readings"  # the rule by which the word is read, and not its reading

_HAN = "々〆〇ヶ\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HIRAGANA = "\u3041-\u309f"
_KANA = "\u3041-\u30ff\u31f0-\u31ff"
_HANGUL = "\uac00-\ud7a3"
_BOPOMOFO = "\u3105-\u312f\u31a0-\u31bfˊˇˋ˙"
# What stands in brackets right behind Han characters. Katakana in round ones may be a remark.
_BRACKETED = re.compile(
    rf"(?:(?<=[{_HAN}{_KANA}])(?:《(?P<angled>[{_KANA}\s・]{{1,40}})》"
    rf"|[（(〔［](?P<round>[{_HIRAGANA}ー・\s]{{1,40}})[）)〕］])"
    rf"|(?<=[{_HAN}])[（(](?P<bopomofo>[{_BOPOMOFO}\s]{{1,60}}|(?P<hangul>[{_HANGUL}]{{2,20}}))[）)]"
    rf"|(?<=[{_HANGUL}])[（(](?P<hanja>[{_HAN}]{{2,20}})[）)])"
)
_BAR = "|｜"
_MARKED_BASE = re.compile(rf"[{_BAR}]([^{_BAR}《》\n]{{1,30}})$")
_WORD_BEFORE = re.compile(rf"[{_HAN}{_KANA}]{{1,16}}$")
_HAN_RUN = re.compile(rf"[{_HAN}]+$")
_LONGEST_READING = 6  # kana of one character


def readings_said(shown: str, rubies: Sequence[Ruby], silent: frozenset[str]) -> Iterator[Edit]:
    """Yield what is not spoken: readings where their rule holds, else the words they stand at."""
    for (first, last), (start, end), is_bracket in rubies:
        if READINGS in silent or is_bracket:
            yield Edit(start, end, "", READINGS)
        elif shown[first:last].strip() and shown[start:end].strip():
            yield Edit(first, last, "", READINGS)
    taken = [each.reading for each in rubies]
    for found in _BRACKETED.finditer(shown):
        start, end = found.span()
        base = None if any(a < end and start < b for a, b in taken) else _base(shown, found)
        if base is None:
            continue
        if shown[base - 1 : base] in {*_BAR} and base:
            yield Edit(base - 1, base, "", READINGS)
        if READINGS in silent:
            yield Edit(start, end, "", READINGS)
        else:
            yield Edit(base, start, "", READINGS)
            yield Edit(start, start + 1, "", READINGS)
            yield Edit(end - 1, end, "", READINGS)


def _base(shown: str, found: re.Match[str]) -> int | None:
    """Return where the word begins whose reading was found; None if it is none."""
    before = shown[max(0, found.start() - 32) : found.start()]
    first = found.start() - len(before)
    for name in ("hangul", "hanja"):  # a syllable for each character
        if found[name]:
            letters = _HAN if name == "hangul" else _HANGUL
            run = re.search(rf"[{letters}]{{{len(found[name])}}}$", before)
            return first + run.start() if run else None
    marked = _MARKED_BASE.search(before)
    if marked and found["angled"]:
        return first + marked.start(1)
    if found["bopomofo"]:
        run = _HAN_RUN.search(before)
        return first + run.start() if run else None
    reading = re.sub(r"[\s・]", "", found["angled"] or found["round"])
    word = _WORD_BEFORE.search(before)
    if not word:
        return None
    # The longest word whose kana are in the reading, in order: 食べ物（たべもの）.
    for start in range(word.start(), word.end()):
        if re.match(f"[{_HAN}]", before[start]) and (
            start == word.start() or not re.match(f"[{_HAN}]", before[start - 1])
        ):
            pattern = "".join(
                f"[{_KANA}]{{1,{_LONGEST_READING}}}" if re.match(f"[{_HAN}]", letter) else letter
                for letter in before[start:]
            )
            if re.fullmatch(pattern, reading):
                return first + start
    # A foreign word over several characters, which may be longer than any reading of theirs.
    run = _HAN_RUN.search(before) if found["angled"] else None
    return first + run.start() if run else None
