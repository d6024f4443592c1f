"""Lines of plain text -> paragraphs: undoes hard wrapping, keeps verse, columns and addresses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

LONG = 120  # characters; no one wraps at more, so a longer line is a whole paragraph
NARROWEST = 30  # nor at less: shorter lines are verse, lists or addresses
TOLERANCE = 3  # characters by which a wrapped line may be short
LONGEST_WORD = 60  # characters looked at before a hyphen
RAGGED = 0.7  # of the width, where lines are broken by hand
PROSE = 60  # characters; sentences in such lines are paragraphs, in shorter ones verse

_COLUMNS = re.compile(r"\S {3,}\S|\|.*\|")
_SENTENCE_END = re.compile("[.!?:…。！？]['\"’”»)\\]*_]*$")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[-\u2010]$")
_CONTINUED_WORD = re.compile(r"[^\W\d_]+")
_CONJUNCTION = {"and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "o", "e", "en", "of"}
# Written without spaces between words: Chinese, Japanese, and their punctuation.
_UNSPACED = re.compile("[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff65]")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text is set in lines."""

    width: int  # columns at which it is wrapped; 0 when it is not
    by_line: bool  # each line is a paragraph
    by_blank: bool  # blank lines stand between paragraphs
    words: Counter[str] = field(default_factory=Counter)  # and hyphenated compounds, in lower case

    @classmethod
    def of(cls, lines: Sequence[str]) -> Layout:
        """Find out how these lines are set."""
        lengths = [len(line.rstrip()) for line in lines]
        long = [length for length in lengths if length > LONG]
        by_line = sum(long) > 0.3 * sum(lengths)
        # Lines that touch another one; alone between blank lines, a line says nothing of wrapping.
        touching = sorted(
            length
            for before, length, after in zip(
                [0, *lengths], lengths, [*lengths[1:], 0], strict=False
            )
            if length and (before or after)
        )
        width = touching[len(touching) * 95 // 100] if touching else 0
        filled = [at for at, length in enumerate(lengths) if length]
        by_blank = bool(filled) and len(filled) <= filled[-1] - filled[0]
        words = Counter(word.lower() for line in lines for word in _WORD.findall(line))
        return cls(0 if by_line or width < NARROWEST else width, by_line, by_blank, words)

    def is_full(self, line: str, following: str) -> bool:
        """Tell whether the next line's first word would not have fitted on this line."""
        if _COLUMNS.search(line) or _COLUMNS.search(following):
            return False
        length, first = len(line.rstrip()), following.split(None, 1)[0]
        if first[0].islower() and _BROKEN_WORD.search(line.rstrip()[-LONGEST_WORD:]):
            return True  # however narrow the column is
        if not self.width:
            return False
        room = 2 if _UNSPACED.match(first) else len(first)
        if length + 1 + room >= self.width - TOLERANCE:
            return True
        # Wrapped by hand: the sentence goes on.
        goes_on = first[0].islower() and not _SENTENCE_END.search(line.rstrip())
        return goes_on and length >= RAGGED * self.width

    def paragraphs(self, lines: Sequence[str]) -> list[str]:
        """Make paragraphs of lines between which no line is blank; line ends that count stay."""
        full = [self.is_full(line, after) for line, after in pairwise(lines)]
        prose = sum(full) >= 0.6 * len(full)
        indents = [len(line) - len(line.lstrip()) for line in lines]
        margin = min(indents)
        # Many lines set in are verse or a list; a few are the first lines of paragraphs.
        set_in = prose and sum(indent > margin for indent in indents) <= len(lines) / 2
        found = [[lines[0].strip()]]  # the pieces of each paragraph
        for (line, after), is_full, indent in zip(pairwise(lines), full, indents[1:], strict=True):
            if set_in and indent > margin + 1:
                found.append([after.strip()])
            elif prose and is_full:
                self._append(found[-1], after.strip())
            elif self._ends_paragraph(line, prose=prose):
                found.append([after.strip()])
            else:
                found[-1] += "\n", after.strip()
        return ["".join(pieces) for pieces in found]

    def _ends_paragraph(self, line: str, *, prose: bool) -> bool:
        if not self.by_blank or len(line) > LONG:
            return True
        return bool(_SENTENCE_END.search(line)) and (prose or len(line) > PROSE)

    def join(self, lines: Sequence[str]) -> str:
        """Make one paragraph of lines."""
        pieces = [lines[0].strip()]
        for line in lines[1:]:
            self._append(pieces, line.strip())
        return "".join(pieces)

    def _append(self, pieces: list[str], line: str) -> None:
        """Add a line, after a space where the language has one, a broken word made whole."""
        end = pieces[-1][-LONGEST_WORD:]
        broken, rest = _BROKEN_WORD.search(end), _CONTINUED_WORD.match(line)
        separator = "" if _UNSPACED.match(end[-1:]) and _UNSPACED.match(line) else " "
        if end.endswith("\xad"):
            pieces[-1] = pieces[-1][:-1]
            separator = ""
        elif broken and rest and rest[0][0].islower() and rest[0] not in _CONJUNCTION:
            if self._is_one_word(broken[1], rest[0]):
                pieces[-1] = pieces[-1][:-1]
            separator = ""
        pieces += separator, line

    def _is_one_word(self, start: str, rest: str) -> bool:
        """Tell whether a hyphen at a line end is not the word's own, as the text itself shows."""
        whole, compound = (start + rest).lower(), f"{start}-{rest}".lower()
        return self.words[whole] > self.words[compound]
