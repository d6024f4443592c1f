"""Code in running text: its dollars and backslashes are no TeX."""

import time

import pytest

from reader.extraction.formats import markdown
from reader.extraction.formats.html import extract
from reader.spoken import speak

CODE = ["code", "kbd", "samp", "tt", "pre", "listing", "xmp"]
PLACES = [
    "<p>So <{0}>$x^2$ \\(y^2\\)</{0}> holds.", "<{0}>$$x^2$$</{0}>", "<p><{0}>$x^2$</{0}>",
    "<p>So $<{0}>x^2</{0}>$ holds.", "<h1>Of <{0}>$x^2$</{0}></h1>",
    "<ul><li><b><{0}>$x^2$</{0}></b></ul>", "<p>So <{0}>a <span>$x^2$</span> $y^2$</{0}> holds.",
    "<table><tr><th>a<th>b<tr><td><{0}>$x^2$</{0}><td>b</table>",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", CODE)
def test_code_is_never_tex(name, place):
    page = f"<html lang=en><body>{place.format(name)}"
    blocks = list(extract(page.encode()).blocks)
    assert blocks
    said = [speak(each.kind, each.html, each.shown, language="en").text for each in blocks]
    assert not any("<math" in block.html for block in blocks)
    assert "squared" not in " ".join(said)


@pytest.mark.parametrize(
    "text",
    [
        "So `$x^2$` holds.",
        "So $a `x^2$` holds.",
        "So <kbd>$x^2$</kbd> holds, <code class=a>\\\\(x^2\\\\)</code>.",
        "```\n$x^2$\n```",
        "    $x^2$",
    ],
)
def test_code_in_markdown_is_never_tex(text):
    assert [each.html.count("<math") for each in markdown.extract(text).blocks] == [0]


def test_formulas_beside_code_in_markdown_are_formulas():
    text = "So $a^2$ <kbd>$b^2$</kbd> $c^2$ <b>$d^2$</b> <code>$e^2$ and $f^2$"
    (block,) = markdown.extract(text).blocks
    assert block.html.count("<math") == 5


def test_tags_that_are_only_shown_in_markdown_make_no_code_of_what_is_between():
    text = "Write `<code>` here, $a*b$ or $c*d$ there, and ``</code>`` at last."
    (block,) = markdown.extract(text).blocks
    assert block.html.count("<math") == 2


def test_much_code_in_markdown_takes_no_time():
    begun = time.process_time()
    for piece in ("<code>$a$</code> ${b}/$ ", "`b`` <code>$a$</code> "):
        list(markdown.extract(piece * 4_000).blocks)
    assert time.process_time() - begun < 5
