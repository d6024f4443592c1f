"""Plain text becomes the blocks that a person would have marked up."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader.extraction import BlockDraft, ExtractionError
from reader.extraction import extract as extract_kind
from reader.extraction.formats.text import extract
from reader.extraction.plain.decoding import clean
from reader.extraction.segmentation import LONGEST, SHORTEST

ARTICLE = """\
The Quiet Return of the Night Train

By Jane Doe

For a while it looked as if the night train was finished. \
One after another, the great railways of Europe took their sleeping cars out of service.

Why now?

Then the climate became a reason to travel slowly. \
"We could not keep up with the demand," says Dr. M. Huber, who runs the bookings.

What it takes

A night train needs three things:

- staff who are willing to work at night
- cars, which take years to build
- patience

It also needs passengers.
"""

BOOK = """\
The Project Gutenberg eBook of A Small Book

Title: A Small Book

Author: Someone

*** START OF THE PROJECT GUTENBERG EBOOK A SMALL BOOK ***

CHAPTER I.
In Which It Begins

It was a bright cold day in the village, and the clocks, which nobody had
wound since the old man went away, were all of them silent. A cart of well-
known make came down the hill; it was the sis-
ter of the miller, as everybody could see, and the sister of nobody else.
She was the well-known one.

“Who goes there?” she asked; and since there was no answer to be had, she
asked again.

    “The crow sat on the barley stack,
      And sang a little song;
    The day was bright, the crow was black,
      And nobody was wrong.”

      *      *      *      *      *

THE END
"""

MAIL = """\
Hi Bob,

thanks for your mail. I think that we should meet on Tuesday, since the
others are away on Monday and the room is not free either. Please bring:
- the plans, which you showed us last time and which nobody had really
  understood
- coffee
  1. ground
  2. beans

> I'd like to meet. When would it suit you? I'm free on every day but
> Friday.
>> And before?

Best regards
Alice
"""

MARKDOWN = """\
Notes
=====

Text of one line.

## Second part
More text.

    def f(x):
        return x + 1

    print(f(2))

```
if x < 1:

    y()
```

Third part
----------
Last.
"""


def outline(text: str) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.shown) for block in extract(text).blocks]


def test_an_article():
    extracted = extract(ARTICLE)
    assert (extracted.title, extracted.language) == ("The Quiet Return of the Night Train", "en")
    assert [(block.kind, block.level, block.shown[:24]) for block in extracted.blocks] == [
        ("heading", 1, "The Quiet Return of the "),
        ("paragraph", 0, "By Jane Doe"),
        ("paragraph", 0, "For a while it looked as"),
        ("paragraph", 0, "Why now?"),
        ("paragraph", 0, "Then the climate became "),
        ("heading", 2, "What it takes"),
        ("paragraph", 0, "A night train needs thre"),
        ("list_item", 1, "staff who are willing to"),
        ("list_item", 1, "cars, which take years t"),
        ("list_item", 1, "patience"),
        ("paragraph", 0, "It also needs passengers"),
    ]


def test_a_hard_wrapped_book():
    assert extract(BOOK).title == "A Small Book"
    assert outline(BOOK) == [
        ("heading", 1, "The Project Gutenberg eBook of A Small Book"),
        ("paragraph", 0, "Title: A Small Book"),
        ("paragraph", 0, "Author: Someone"),
        ("paragraph", 0, "*** START OF THE PROJECT GUTENBERG EBOOK A SMALL BOOK ***"),
        ("heading", 2, "CHAPTER I.\nIn Which It Begins"),
        (
            "paragraph",
            0,
            "It was a bright cold day in the village, and the clocks, which nobody had wound "
            "since the old man went away, were all of them silent. A cart of well-known make came "
            "down the hill; it was the sister of the miller, as everybody could see, and the "
            "sister of nobody else. She was the well-known one.",
        ),
        (
            "paragraph",
            0,
            "“Who goes there?” she asked; and since there was no answer to be had, she asked "
            "again.",
        ),
        (
            "paragraph",
            0,
            "“The crow sat on the barley stack,\nAnd sang a little song;\n"
            "The day was bright, the crow was black,\nAnd nobody was wrong.”",
        ),
        ("paragraph", 0, "*      *      *      *      *"),
        ("heading", 2, "THE END"),
    ]


def test_a_mail():
    assert outline(MAIL) == [
        ("paragraph", 0, "Hi Bob,"),
        (
            "paragraph",
            0,
            "thanks for your mail. I think that we should meet on Tuesday, since the others are "
            "away on Monday and the room is not free either. Please bring:",
        ),
        (
            "list_item",
            1,
            "the plans, which you showed us last time and which nobody had really understood",
        ),
        ("list_item", 1, "coffee"),
        ("list_item", 2, "ground"),
        ("list_item", 2, "beans"),
        (
            "quotation",
            1,
            "I'd like to meet. When would it suit you? I'm free on every day but Friday.",
        ),
        ("quotation", 2, "And before?"),
        ("paragraph", 0, "Best regards\nAlice"),
    ]


def test_text_with_marks():
    assert outline(MARKDOWN) == [
        ("heading", 1, "Notes"),
        ("paragraph", 0, "Text of one line."),
        ("heading", 2, "Second part"),
        ("paragraph", 0, "More text."),
        ("code", 0, "def f(x):\n    return x + 1\n\nprint(f(2))"),
        ("code", 0, "if x < 1:\n\n    y()"),
        ("heading", 2, "Third part"),
        ("paragraph", 0, "Last."),
    ]


def test_markup_of_each_kind():
    text = "# A & B\n\n> quoted\n\n7) seven\n8) eight\n\n* dot\n\nplain <b>\n"
    assert [block.html for block in extract(text).blocks] == [
        "<h2>A &amp; B</h2>",
        "<blockquote><p>quoted</p></blockquote>",
        '<ol type="1" start="7"><li>seven</li></ol>',
        '<ol type="1" start="8"><li>eight</li></ol>',
        "<ul><li>dot</li></ul>",
        "<p>plain &lt;b&gt;</p>",
    ]


def test_lines_without_blank_lines_are_paragraphs_of_their_own():
    line = "This is a sentence of a paragraph that is all on one line. " * 4
    text = f"A Title\n{line}\n{line}\nA heading\n{line}"
    assert [kind for kind, _, _ in outline(text)] == [
        *("heading", "paragraph", "paragraph", "heading", "paragraph"),
    ]


def test_a_long_paragraph_becomes_several_blocks():
    blocks = list(extract("This is one of many sentences. " * 60).blocks)
    assert {block.kind for block in blocks} == {"paragraph"}
    assert all(SHORTEST <= len(block.shown) <= LONGEST for block in blocks)


def test_a_long_list_item_has_one_bullet():
    blocks = list(extract("- " + "This is one of many sentences. " * 30 + "\n- two\n").blocks)
    assert [block.html[:4] for block in blocks] == ["<ul>", "<p>T", "<p>T", "<ul>"]


@pytest.mark.parametrize(
    "text",
    [
        "1984. That was a year.\n",
        "3. März 2020 war ein Tag.\n",
        "A. Smith wrote this.\n",
        "– Non.\n",
    ],
)
def test_a_number_or_dash_alone_is_no_list(text: str):
    assert outline(text) == [("paragraph", 0, text.strip())]


def test_numbered_headings_keep_their_numbers():
    body = "This is what the section has to say, and it takes more than a line to say it all. " * 2
    text = f"1. Beginning\n\n{body}\n\n2. End.\n\n{body}\n"
    assert [shown for kind, _, shown in outline(text) if kind == "heading"] == [
        *("1. Beginning", "2. End."),
    ]


def test_words_broken_at_line_ends():
    def shown(text: str) -> str:
        return " ".join(block.shown for block in extract(text).blocks)

    width = "so that the lines are long enough to be seen as wrapped by "
    assert "a hyphen-ation" in shown(
        f"{width}a hyphen-\nation of which nothing else is known here."
    )
    assert "by Wörter" in shown(f"{width}Wör\xad\nter und so weiter, und so fort, und so fort.")
    assert "Vor- und Nachteile" in shown(f"{width} die Vor-\nund Nachteile sind ja bekannt.")


def test_chinese_lines_are_joined_without_a_space():
    line = "今天天气很好我们一起去公园散步然后回家吃饭看书睡觉明天再去学校上课"
    assert "".join(shown for _, _, shown in outline(f"{line}\n{line}\n{line}。")) == line * 3 + "。"


def test_right_to_left_text_and_emoji_pass():
    assert outline("مرحبا بالعالم. كيف حالك؟\n\n😀 Hi!") == [
        ("paragraph", 0, "مرحبا بالعالم. كيف حالك؟"),
        ("paragraph", 0, "😀 Hi!"),
    ]


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n\t\r\n", "\x00\x01", "\ufeff", "\u200b\u202e \xad", ">\n> \n"]
)
def test_nothing_is_told_so(text: str):
    with pytest.raises(ExtractionError, match="There is nothing to read"):
        extract(text)


@pytest.mark.parametrize("text", ["Word", "…!?", "a\x00b", "***", "```", "# ", "- ", "\ud800"])
def test_little_is_enough(text: str):
    assert len(list(extract(text).blocks)) == 1


def test_a_file_of_a_kind():
    extracted = extract_kind("text", "Grüße aus Köln".encode("utf-16"), title="Post")
    assert extracted.title == "Post"
    assert list(extracted.blocks) == [
        BlockDraft("paragraph", "<p>Grüße aus Köln</p>", "Grüße aus Köln")
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("This is a test of the language.", "en"),
        ("Das ist ein Test, und er ist gut.", "de"),
        ("La vie est belle et il ne le sait pas.", "fr"),
        ("El perro no sabe lo que es la vida.", "es"),
        ("Привет, как дела? Это не он, а я.", "ru"),
        ("今日はいい天気です。", "ja"),
        ("今天天气很好。", "zh"),
        ("오늘은 날씨가 좋다.", "ko"),
        ("Καλημέρα κόσμε", "el"),
        ("هذا هو الكتاب الذي في البيت", "ar"),
        ("यह एक किताब है", "hi"),
        ("Zzyzx", ""),
        ("12345", ""),
    ],
)
def test_the_language_is_guessed(text: str, language: str):
    assert extract(text).language == language


LINES = st.lists(
    st.sampled_from(
        [
            *(
                "",
                "",
                "",
                "# H",
                "Title",
                "====",
                "----",
                "> quote",
                ">> deep",
                "- item",
                "  - sub",
            ),
            *("1. one", "2. two", "    x = f(1);", "```", "* * *", "CHAPTER I.", "ALL CAPS", "a-"),
            *(
                "\ttab",
                "word " * 14,
                "word " * 40 + ".",
                "“Yes.”",
                "日本語。",
                "|a|b|",
                "i. x",
                "ii. y",
            ),
        ]
    ),
    max_size=30,
).map("\n".join)


@settings(max_examples=300)
@given(st.one_of(LINES, st.text()))
def test_no_letter_is_lost_or_said_twice(text: str):
    def letters(text: str) -> str:
        return "".join(filter(str.isalpha, text))

    try:
        blocks = list(extract(text).blocks)
    except ExtractionError:
        return
    for block in blocks:
        assert block.shown.strip()
    if "```" not in text and not any(mark in text for mark in ("1.", "2.", "i.", "·")):
        assert letters("".join(block.shown for block in blocks)) == letters(clean(text))


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        *(
            ("", piece)
            for piece in ("a", "word ", "a\n", "a\n\n", "> ", "- a\n", "1. a\n", "```\n")
        ),
        *(
            ("", piece)
            for piece in ("```x\n\n", "   ", "* ", "#\n", "-\n", "a-\n", "i. ", "|", "(")
        ),
        *(("", "and so on " * 7 + "\n"), ("- ", "  and so on " * 7 + "\n"), ("", "so on, 10-\n")),
        *(
            ("# a", " "),
            ("- a\n  ", "a"),
            ("    ", "a("),
            ("    ", "a["),
            ("- ", " "),
            ("1. a", " "),
        ),
        *(("a.", "'"), ("-", " "), ("a ", "=")),
    ],
)
def test_time_is_linear(start: str, piece: str):
    text = start + piece * (400_000 // len(piece)) + "end"
    begun = time.process_time()
    assert sum(1 for _ in extract(text).blocks) > 0
    assert time.process_time() - begun < 20
