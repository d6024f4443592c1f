"""Signs of Markdown are not heard, in files and in pasted text that is evidently Markdown."""

import time

import pytest

from reader.extraction.formats import markdown, text
from reader.extraction.plain.markdown_signs import is_markdown
from reader.spoken import speak

MARKDOWN = """# The plan

Some **bold** and *slanted* words, a [link](https://example.org/x_(y)) and ==a mark==.

- [ ] buy bread
- [x] call *Ann*

> [!NOTE]
> Mind the gap.

| name | age |
|------|----:|
| Ann  | 31  |

Water is H~2~O and the area x^2^, with ~~no~~ `code_here` of it, if a == b.
"""
SAID = [
    "The plan",
    "Some bold and slanted words, a link and a mark.",
    "buy bread",
    "call Ann",
    "Note: Mind the gap.",
    "name, age. Ann, age: 31.",
    "Water is H2O and the area x squared, with no code_here of it, if a == b.",
]


def heard(extracted):
    return [
        speak(each.kind, each.html, each.shown, language="en").text for each in extracted.blocks
    ]


def test_signs_in_a_file_are_not_heard():
    assert heard(markdown.extract(MARKDOWN.replace("x_(y)", "x"))) == SAID


def test_signs_in_pasted_text_are_not_heard():
    extracted = text.extract(MARKDOWN.replace("x_(y)", "x"))
    assert extracted.title == "The plan"
    assert heard(extracted) == SAID


def test_in_pasted_text_nothing_is_taken_for_html_or_for_code():
    pasted = "A **bold** word and **another** of List<String>.\n\n    Set in, as books are.\n"
    blocks = list(text.extract(pasted).blocks)
    assert [(each.kind, each.shown) for each in blocks] == [
        ("paragraph", "A bold word and another of List<String>."),
        ("paragraph", "Set in, as books are."),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "See [the page](https://example.org) of it.",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "- [ ] to do",
        "> [!TIP]\n> So.",
        "**One:** this. **Two:** that.",
        "## Head\n\nA `word` so.",
        "# Head\n\nA **word**.\n\n```python\nx = 1\n```",
    ],
)
def test_evident_markdown(written):
    assert is_markdown(written)


@pytest.mark.parametrize(
    "written",
    [
        "A plain text, with *one* star and [brackets] (and more).",
        "# a heading alone\n\nSome text.",
        "* dot\n* dot\n\nplain <b>",
        "*** START OF THE BOOK ***\n\n** 5 stars ** of **kwargs",
        "if a == b and c == d:",
        "----|----\nName (see [12](a) below)",
        "He said `so' and `thus'.",
        "1 | 2 | 3",
        "Title\n-----\n\nText.",
        "# Head\n\n```python\nx = 1\n```",
    ],
)
def test_what_may_be_anything_else_is_left_alone(written):
    assert not is_markdown(written)


@pytest.mark.parametrize("piece", ["[a](", "|-", "**a", "`a", "==a", "| --- ", "\n|a", "~~", "!["])
def test_time_is_linear(piece):
    begun = time.process_time()
    is_markdown(piece * 50_000)
    assert time.process_time() - begun < 5
