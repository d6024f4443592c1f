"""Formulas: what is shown of them, and how they are said."""

import time

import pytest

from reader.extraction.formats import markdown
from reader.extraction.formats.html import extract
from reader.extraction.sanitise import draft, shown_text
from reader.extraction.tree.mathml import of_tex
from reader.spoken import LEVELS, speak
from reader.spoken.mathematics import tex_said
from reader.tex import tex_in

SAID = [
    (r"x^2 + y^3", "x squared plus y cubed"),
    (r"\frac{-b}{2a}", "minus b over 2 a"),
    (r"\frac{a+b}{c}", "the fraction a plus b over c"),
    (r"\frac{1}{1+x} + y", "the fraction 1 over 1 plus x, end of fraction, plus y"),
    (r"x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}",
     "x equals minus b plus or minus the square root of b squared minus 4 a c over 2 a"),
    (r"\sqrt{2}", "the square root of 2"),
    (r"\sqrt[3]{x}", "the cube root of x"),
    (r"\sqrt[n]{x}", "the nth root of x"),
    (r"\sum_{i=1}^{n} a_i", "the sum from i equals 1 to n of a sub i"),
    (r"\sum_{i \in I} x", "the sum over i is in I of x"),
    (r"\prod_{k=1}^{\infty} k", "the product from k equals 1 to infinity of k"),
    (r"\int_0^1 f(x)\,dx", "the integral from 0 to 1 of f of x d x"),
    (r"\lim_{x\to 0} \frac{\sin x}{x}", "the limit as x approaches 0 of sine x over x"),
    (r"\alpha \leq \beta", "alpha is less than or equal to beta"),
    (r"\Delta x \neq \Omega", "Delta x is not equal to Omega"),
    (r"a \times b \approx c", "a times b is approximately equal to c"),
    (r"x \in \mathbb{R}", "x is in R"),
    (r"e^{i\pi}+1=0", "e to the power of i pi plus 1 equals 0"),
    (r"10^{-6}", "10 to the power of minus 6"),
    (r"x_{i}^{2}", "x sub i squared"),
    (r"\sin^2\theta", "sine squared theta"),
    (r"\sigma_{\mathrm{max}}", "sigma sub max"),
    (r"\log_2 8", "log base 2 of 8"),
    (r"f'(x) = 2x", "f prime of x equals 2 x"),
    (r"P(A|B)", "P of A given B"),
    (r"(a+b)^2", "open parenthesis a plus b close parenthesis squared"),
    (r"|x| + n!", "the absolute value of x plus n factorial"),
    (r"\binom{n}{k}", "n choose k"),
    (r"\vec{v} + \hat{x} + \bar{y}", "vector v plus x hat plus y bar"),
    (r"A^T B^{-1}", "A transpose B to the power of minus 1"),
    (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "the 2 by 2 matrix: a, b; c, d"),
    (r"\begin{align} a &= b \\ c &= d \end{align}", "a equals b; c equals d"),
    (r"\nabla \cdot E = \frac{\rho}{\epsilon_0}", "nabla dot E equals rho over epsilon sub 0"),
    (r"\text{if } x > 0", "if x is greater than 0"),
]  # fmt: skip


def heard(page, language="en", silent=LEVELS["usual"]):
    blocks = extract(f"<html lang={language}><body>{page}".encode()).blocks
    return [
        speak(each.kind, each.html, each.shown, silent=silent, language=language).text
        for each in blocks
    ]


@pytest.mark.parametrize(("tex", "said"), SAID)
def test_a_formula_is_said_in_words(tex, said):
    assert tex_said(tex, "en-GB") == said
    made = of_tex(tex)
    assert made
    markup, text = made
    assert shown_text(draft("paragraph", f"<p>{markup}</p>").html) == text
    assert heard(f"<p>So {markup} holds.</p>") == [f"So {said} holds."]
    assert heard(rf"<p>So \({tex}\) holds.</p>".replace("&", "&amp;")) == [f"So {said} holds."]


def test_other_languages_read_the_characters():
    assert tex_said(r"\frac{a+b}{c} = x^2", "de") == "a plus b durch c = x hoch 2"
    assert tex_said(r"x_1^n \leq \frac{1}{2}", "fr") == "x 1 puissance n ≤ 1 sur 2"
    assert tex_said(r"\frac{a+b}{c} = x^2 - \sqrt{y}", "it") == "(a + b)/c = x² − √(y)"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<p>So <math alttext='Alternative text'><msup><mi>y</mi><mn>2</mn></msup></math>.</p>",
         ["So y squared."]),
        ("<p>So <math alttext='\\frac{a}{b}'></math>.</p>", ["So a over b."]),
        ("<p>So <math alttext='a over b'></math>.</p>", ["So a over b."]),
        ("<math><semantics><mrow><mi>a</mi><mo>=</mo><mn>1</mn></mrow>"
         "<annotation encoding='application/x-tex'>a=1</annotation></semantics></math>",
         ["a equals 1"]),
        ("<p>First <math display=block><mi>a</mi></math> then.</p>", ["First", "a", "then."]),
        ("<p>By <math><mfenced><mi>a</mi><mi>b</mi></mfenced></math>.</p>",
         ["By open parenthesis a, b close parenthesis."]),
        ("<p>A <span class=mwe-math-mathml-inline style='display: none'><math><mi>x</mi></math>"
         "</span><img alt=x aria-hidden=true src=x.svg> so.</p>", ["A x so."]),
        ("<p>Of <math><mmultiscripts><mi>C</mi><mprescripts/><mn>6</mn><mn>14</mn>"
         "</mmultiscripts></math>.</p>", ["Of 14 6 C."]),
        ("<p>By <m:math><m:msup><m:mi>x</m:mi><m:mn>2</m:mn></m:msup></m:math>.</p>",
         ["By x squared."]),
        ("<p>Is <math><mi>x</mi><mphantom><mi>y</mi></mphantom><mspace/></math>.</p>", ["Is x."]),
    ],
)  # fmt: skip
def test_mathml_is_read_by_what_it_shows(page, said):
    assert heard(page) == said


def test_a_long_formula_is_not_divided():
    terms = "<mo>+</mo>".join(f"<msub><mi>x</mi><mn>{n}</mn></msub>" for n in range(300))
    said = heard(f"<p>We have <math>{terms}</math> and that is all. Then more. {'So. ' * 200}</p>")
    assert said[0].startswith("We have x sub 0 plus x sub 1 plus")
    assert "x sub 299 and that" in said[0]


def test_formulas_are_left_out_where_it_is_wanted():
    page = r"<p>So <math><mi>x</mi></math>, $y^2$ and \(z\) hold.</p>"
    assert heard(page, silent=LEVELS["running"]) == ["So, and hold."]


def test_what_cannot_be_said_stays_and_can_be_silent():
    assert heard(r"<p>So \(\foo{x}\) holds.</p>") == [r"So \(\foo{x}\) holds."]
    assert heard(r"<p>So \(\foo{x}\) holds.</p>", silent=LEVELS["running"]) == ["So holds."]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$x$ and $y = 2$, $2n+1$, $f(x)$, $a_1$", ["$x$", "$y = 2$", "$2n+1$", "$f(x)$", "$a_1$"]),
        (r"\(a\), \[b\], $$c$$", [r"\(a\)", r"\[b\],", "$$c$$"]),
        (r"\begin{equation}x\end{equation}", [r"\begin{equation}x\end{equation}"]),
        ("$5 and $10", []),
        ("from $5-$10, or $5/month vs $10/month", []),
        ("US$5 to $6m$ x", []),
        ("between $3k and 5k$", []),
        ("$20 (or $15), $5 million and ^up to $6", []),
        ("$HOME/$USER and $10$", []),
        (r"\[, 38 $, 36, 38 $$-Umgebung, 38 \]", []),
        (r"write \(. . .\) or \[here come many words of an editor in brackets\]", []),
    ],
)
def test_money_is_no_formula(text, formulas):
    assert [text[start:end] for start, end, *_ in tex_in(text)] == formulas


def test_tex_in_a_page_is_shown_as_a_formula():
    page = r"<p>So \(x^2\) and $$y. z$$, which hold, for $5 or $10.</p><pre>$x$</pre>"
    blocks = list(extract(f"<html lang=en><body>{page}".encode()).blocks)
    assert [each.shown for each in blocks] == [
        "So x2 and",
        "y.z,",
        "which hold, for $5 or $10.",
        "$x$",
    ]
    assert [each.html.count("<math") for each in blocks] == [1, 1, 0, 0]
    assert heard(page)[:2] == ["So x squared and", "y. z"]


def test_tex_in_markdown_is_a_formula_whatever_its_signs():
    text = r"So $a_1*b*c_2$ and \(x^2\), but $5 and $10. H~2~O" + "\n\n$$\n\\{a\\}\n$$\n\nEnd."
    blocks = list(markdown.extract(f"{text} Not the usual of it.").blocks)
    said = [speak(each.kind, each.html, each.shown, language="en").text for each in blocks]
    assert said == [
        "So a sub 1 times b times c sub 2 and x squared, but $5 and $10. H2O",
        "open brace a close brace",
        "End. Not the usual of it.",
    ]


@pytest.mark.parametrize(
    "piece",
    ["$", "$a", r"\(", r"\[a", r"\begin{align}a", "$x$ ", "$$x", "x^", "{", r"\frac", r"\left("],
)
def test_hostile_tex_takes_no_time(piece):
    begun = time.process_time()
    speak("paragraph", "", piece * 20_000, language="en")
    tex_said(piece * 500, "en")
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "inner",
    [
        "<mrow>" * 300 + "<mi>x</mi>",
        "<mfrac><mi>a</mi>" * 200,
        "<mo>(</mo>" * 1900,
        "<mi>f</mi><mo>(</mo>" * 800 + "<mo>)</mo>" * 800,
        "<mi>x</mi>" * 50_000,
        "<mi><script>alert(1)</script>x</mi><mtext><img src=x onerror=alert(1)>t</mtext>",
        "<annotation-xml encoding='text/html'><b onclick='x'>b</b></annotation-xml><mi>x</mi>",
    ],
)
def test_hostile_mathml_does_no_harm(inner):
    begun = time.process_time()
    blocks = list(extract(f"<html lang=en><p>A <math>{inner}</math> b.</p>".encode()).blocks)
    for block in blocks:
        speak(block.kind, block.html, block.shown, language="en")
        assert "alert" not in block.html
        assert "onclick" not in block.html
        assert shown_text(block.html) == block.shown
    assert time.process_time() - begun < 5
