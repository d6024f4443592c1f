"""Raised and lowered characters: what is a note's mark, and how all else is said."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.extraction.formats.html import extract
from reader.extraction.sanitise import draft
from reader.spoken import LEVELS, speak

ENGLISH = [
    ("The mass is 10<sup>23</sup> kg.", "The mass is 10 to the power of 23 kg."),
    ("10⁻⁶ m and s<sup>−1</sup>", "10 to the power of minus 6 m and s to the power of minus 1"),
    ("3 × 10<sup>8</sup>metres", "3 × 10 to the power of 8 metres"),
    ("2 × 10 ²³ kg", "2 × 10 to the power of 23 kg"),
    ("2<sup>10</sup> = 1024", "2 to the power of 10 = 1024"),
    ("E = mc²", "E = mc squared"),
    ("R² of 0.9", "R squared of 0.9"),
    ("x²y and z³", "x squared y and z cubed"),
    ("x<sup>n</sup>, xⁿ and e<sup>−x</sup>", "x to the power of n, x to the power of n and"),
    ("(a+b)<sup>2</sup>", "(a+b) squared"),
    ("(1 + r)<sup>n</sup>", "(1 + r) to the power of n"),
    ("sin²x + cos<sup>2</sup> x", "sin squared x + cos squared x"),
    ("AB² + BC² = AC²", "AB squared + BC squared = AC squared"),
    ("x<sub>i</sub><sup>2</sup>", "xi squared"),
    (
        "x^2, 10^23 and e^{-x}, not ^_^",
        "x squared, 10 to the power of 23 and e to the power of minus",
    ),
    ("5 m<sup>2</sup>, 1 m², 3 cm³", "5 square metres, 1 square metre, 3 cubic centimetres"),
    ("100 000 km² in m²", "100 000 square kilometres in square metres"),
    ("9.81 m/s² and 5 kg/m³", "9.81 metres per second squared and 5 kg per cubic metre"),
    ("5 in² of it", "5 square inches of it"),
    ("a lake of 1 hm³, 3 hm²", "a lake of 1 cubic hectometre, 3 square hectometres"),
    ("3<sup>1</sup>/<sub>2</sub> cups", "3 and a half cups"),
    (
        "½ cup, 3½, 2 ¾, ⅔, 13⁄16",
        "one half cup, 3 and a half, 2 and three quarters, two thirds, 13 o",
    ),
    ("<sup>3</sup>⁄<sub>4</sub> of it", "three quarters of it"),
    ("CO<sub>2</sub>, H₂O, CO²", "CO2, H2O, CO2"),
    ("SO₄²⁻, Ca<sup>2+</sup>, Na⁺", "SO4 2 minus, Ca 2 plus, Na plus"),
    ("<sup>14</sup>C and ²³⁵U", "14C and 235U"),
    ("<sup>14</sup><sub>6</sub>C and <sup>1</sup><sub>2</sub> π", "14 6C and one half π"),
    ("the state <sup>3</sup>Γ and 13<sup>4</sup>5, 139", "the state 3Γ and 13 to the power of 4"),
    ("Nature <sup>13</sup>4 and a<sup>†</sup>b", "Nature 134 and a†b"),
    ("j(x)<sup>0</sup> and [xjml (x)]<sup>0</sup>", "j(x) to the power of 0 and [xjml (x)] to"),
    ("a<sub>n</sub> and log<sub>2</sub> 8", "an and log2 8"),
    ("the 1<sup>st</sup>, 2ⁿᵈ, n<sup>th</sup>", "the 1st, 2nd, nth"),
    ("20<sup>o</sup>C", "20°C"),
    ("20 <sup>o</sup>C, 45<sup>o</sup> north", "20 °C, 45° north"),
    ("Fe<sup>III</sup>, C<sup>∞</sup>", "Fe III, C to the power of ∞"),
    ("the accent<sup>´</sup> and u<sub>n−1</sub>", "the accent´ and un−1"),
    ("write a^{#1} so", "write a^{#1} so"),
    ("Brand<sup>TM</sup> and C<sup>*</sup>-algebra", "Brand TM and C*-algebra"),
]
GERMAN = [
    ("10<sup>23</sup> kg", "10 hoch 23 kg"),
    ("10⁻⁶ und x² und xⁿ", "10 hoch minus 6 und x hoch 2 und x hoch n"),
    ("5 m² und 3 km³", "5 Quadratmeter und 3 Kubikkilometer"),
    ("9,81 m/s²", "9,81 Meter pro Quadratsekunde"),
    ("2 hm³, 5 hm²", "2 Kubikhektometer, 5 Quadrathektometer"),
    ("½ Liter, 2¾, 3½", "ein halb Liter, 2 drei Viertel, 3 ein halb"),
    ("CO₂ und Na⁺", "CO2 und Na plus"),
]
FRENCH = [
    ("10<sup>23</sup> kg", "10 puissance 23 kg"),
    ("10⁻⁶, x² et y³", "10 puissance moins 6, x au carré et y au cube"),
    ("5 m² et 3 km³", "5 mètres carrés et 3 kilomètres cubes"),
    ("500 hm³", "500 hectomètres cubes"),
    ("½ litre, 2¾, 3½", "un demi litre, 2 et trois quarts, 3 et demi"),
    ("le 1<sup>er</sup> mai, XX<sup>e</sup> siècle, 2ᵉ", "le 1er mai, XXe siècle, 2e"),
    ("M<sup>me</sup> Curie, n<sup>o</sup> 5", "Mme Curie, no 5"),
]
SPANISH = [
    ("10<sup>23</sup> kg", "10 elevado a 23 kg"),
    ("10⁻⁶, x² y y³", "10 elevado a menos 6, x al cuadrado y y al cubo"),
    ("5 m² y 3 km³", "5 metros cuadrados y 3 kilómetros cúbicos"),
    ("500 hm³ de agua", "500 hectómetros cúbicos de agua"),
    ("½ litro, 2¾, 3½", "un medio litro, 2 y tres cuartos, 3 y medio"),
    ("1<sup>er</sup>, 3º, 1ª, 2<sup>a</sup>, M<sup>a</sup>", "1er, 3º, 1ª, 2a, Ma"),
]
OTHERS = [
    ("10<sup>23</sup> kg", "10 23 kg"),
    ("10²³ kg, x², CO₂, ½", "10²³ kg, x², CO₂, ½"),
    ("3<sup>1</sup>/<sub>2</sub>, x<sup>n</sup>", "3 1/2, xn"),
]
SAID = [
    *(("en", *each) for each in ENGLISH),
    *(("de-AT", *each) for each in GERMAN),
    *(("fr", *each) for each in FRENCH),
    *(("es", *each) for each in SPANISH),
    *(("it", *each) for each in OTHERS),
    *(("", *each) for each in OTHERS),
]
MARKS = [
    ("en", "A fact.<sup>3</sup> So.", "A fact. So."),
    ("en", "Another<sup>[4]</sup> one.", "Another one."),
    ("en", "Wrong<sup>[citation needed]</sup> here.", "Wrong here."),
    ("en", "A word² and more.¹² So.", "A word and more. So."),
    ("en", "as was shown before ² by others", "as was shown before by others"),
    ("en", "word<sup>1,2</sup> and it<sup>5</sup> is", "word and it is"),
    ("en", "In 2019<sup>3</sup> it rose", "In 2019 it rose"),
    ("en", "(see below)<sup>3</sup> and “so”<sup>7</sup>", "(see below) and “so”"),
    ("en", "US<sup>3</sup> troops", "US troops"),
    ("en", "in doc/en/<sup>3</sup> of it", "in doc/en/ of it"),
    ("en", "the value<sup>*</sup> and †<sup>†</sup>", "the value and †"),
    ("en", "Smith<sup>a</sup> and Jones<sup>b,c</sup>", "Smith and Jones"),
    ("en", "Hopes<sup>iv</sup> and fears.<sup>a</sup> So.", "Hopes and fears. So."),
    ("en", "<sup>16</sup>For God so loved", "For God so loved"),
    ("en", "So. <sup>17</sup>A man <sup>18</sup>I saw.", "So. A man I saw."),
    ("en", "x<sup data-role='note'>2</sup> so", "x so"),
    ("en", "45<sup data-role='noted'>2</sup> so", "45 so"),
    ("de", "ein Wort² und so¹ weiter", "ein Wort und so weiter"),
    ("fr", "un mot² et les¹ autres", "un mot et les autres"),
    ("es", "palabra² y así.¹", "palabra y así."),
    ("it", "una parola² e poi.¹", "una parola e poi."),
    ("ja", "言葉<sup>2</sup>を読む", "言葉を読む"),
]


def spoken(html, language, silent=LEVELS["usual"]):
    made = draft("paragraph", f"<p>{html}</p>")
    return made, speak("paragraph", made.html, made.shown, silent=silent, language=language)


@pytest.mark.parametrize(("language", "html", "said"), SAID)
def test_what_is_no_mark_is_said(language, html, said):
    _, made = spoken(html, language)
    assert made.text[: len(said)] == said
    assert made.unspoken == ()


@pytest.mark.parametrize(("language", "html", "said"), MARKS)
def test_a_mark_needs_evidence_and_is_silent_by_its_rule(language, html, said):
    made, silent = spoken(html, language)
    assert silent.text == said
    assert {each.rule for each in silent.unspoken} <= {"notes", "citations"}
    assert silent.unspoken
    _, loud = spoken(html, language, frozenset())
    assert [*filter(str.isalnum, plain(loud.text))] == [*filter(str.isalnum, plain(made.shown))]


def test_american_metres_are_meters():
    assert spoken("5 m²", "en-US")[1].text == "5 square meters"


def test_a_note_of_that_number_elsewhere_makes_a_mark():
    page = "<p>It rose to 45<sup>1</sup> of 10<sup>6</sup>.</p><hr><p><sup>1</sup> By law.</p>"
    first, note = extract(f"<body lang=en>{page}".encode()).blocks
    said = [speak(each.kind, each.html, each.shown, language="en").text for each in (first, note)]
    assert said == ["It rose to 45 of 10 to the power of 6.", "By law."]


def test_in_a_table_they_are_said_behind_the_heads_of_their_columns():
    html = (
        "<table><thead><tr><th>Of</th> <th>Much</th></tr></thead> <tbody>"
        "<tr><td>Milk</td> <td>½ l</td></tr> <tr><td>Floor</td> <td>5 m<sup>2</sup></td></tr>"
        "</tbody></table>"
    )
    made = draft("table", html)
    said = speak("table", made.html, made.shown, language="en").text
    assert said == "Of, Much. Milk, Much: one half l. Floor, Much: 5 square metres."


def test_code_is_left_alone():
    made = draft("code", "<pre><code>x^2 ½</code></pre>")
    assert speak("code", made.html, made.shown, language="en").text == "x^2 ½"


def plain(text):
    return unicodedata.normalize("NFKC", text)


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "10",
                "x",
                "m²",
                "cm³",
                "km/s²",
                "½",
                "3½",
                "₂",
                "⁻⁶",
                "CO₂",
                ".",
                ",",
                "(",
                ")",
                "word",
                "2019",
                "<sup>2</sup>",
                "<sup>n</sup>",
                "<sub>i</sub>",
                "<sup>st</sup>",
                "<sup>−1</sup>",
                "/",
                "⁄",
                "<sup>1</sup>",
                "<sub>2</sub>",
                "^2",
                "^{n}",
                "&lt;",
                "=",
                "😀",
                "漢",
                "$",
                "$x^2$",
                "\\(",
                "\\)",
                "<ruby>漢<rt>かん</rt></ruby>",
                "《ゆう》",
                "（ゆう）",
                "｜",
                "[1]",
                "H~2~O",
            ]
        ),
        st.just(" "),
        st.text(st.characters(codec="utf-8", exclude_characters="<>&\r"), max_size=4),
    ),
    max_size=12,
).map("".join)


@given(PIECES, st.sampled_from(["en", "de", "fr", "es", "it", ""]))
def test_no_letter_or_digit_is_lost_unless_a_rule_names_it(html, language):
    made, said = spoken(html, language)
    told = {at for start, end, _ in said.unspoken for at in range(start, end)}
    for seen, heard in gaps(made.shown, said):
        if any(letter.isalnum() for at, letter in seen if at not in told):
            assert any(map(str.isalnum, heard)), (seen, said)


def gaps(shown, said):
    """Yield what is only shown, with its places, and what is spoken instead, between two spans."""
    seen, heard = (text.encode("utf-16-le", "surrogatepass") for text in (shown, said.text))
    ends = (len(heard) // 2, len(seen) // 2, 0)
    spoken_at = shown_at = 0
    for spoken_start, shown_start, length in [*said.spans, ends]:
        between = range(shown_at, shown_start)
        letters = [seen[2 * at : 2 * at + 2].decode("utf-16-le", "replace") for at in between]
        words = heard[2 * spoken_at : 2 * spoken_start].decode("utf-16-le", "replace")
        yield list(zip(between, letters, strict=True)), words
        spoken_at, shown_at = spoken_start + length, shown_start + length


@pytest.mark.parametrize(
    "piece", ["x²", "<sup>2</sup>", "½", "10^", "a<sub>1</sub>", "⁄1", "m/s²("]
)
def test_time_is_linear(piece):
    begun = time.process_time()
    spoken(piece * 20_000, "en")
    assert time.process_time() - begun < 10
