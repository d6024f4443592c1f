"""Texts that voices choke on: two hundred, each of a kind that was seen or is to be feared."""

from __future__ import annotations

ODD = ("\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\x00", "\x07", "\x1b[0m", "\u202e")
FOREIGN = (
    "привет", "мир", "γειά", "你好", "こんにちは", "カタカナ",
    "안녕", "مرحبا", "שלום", "नमस्ते", "สวัสดี", "ქართული",
    "հայերեն", "ቋንቋ", "বাংলা", "தமிழ்", "ಕನ್ನಡ", "ខ្មែរ",
    "မြန်မာ", "සිංහල",
)  # fmt: skip
SIGNS = (
    "[link](https://example.org/a_(b))", "![picture](a.png)", "**bold**", "__init__",
    "`code`",
    "~~gone~~", "# heading", "> quoted", "| a | b |", "<b>tag</b>", "&amp;", "&#233;",
    "{x}", "\\n",
    "[word](/wˈɜɹd/)", "[1]", "[^1]", "- [ ] to do", "$x^2$", "\\frac{a}{b}",
    "==mark==", "***",
    "---", "_ _ _", "<!-- -->", "<script>alert(1)</script>", "%s %d", "C:\\Users\\me",
    "../../etc",
)  # fmt: skip
NUMBERS = (
    "1", "0", "-0", "007", "3.14159265358979", "1e10", "1,234,567.89", "1.234.567,89",
    "½", "1½",
    "²", "10²³", "H₂O", "№ 5", "5%", "5‰", "5 °C", "0x1F", "1/0",
    "99999999999999999999999999999999999",
    "1-2-3", "12:34:56", "25:61", "00:00", "31/31/2020", "2020-13-45", "$0.00", "$-5",
    "€1.5bn", "¥",
    "£", "5'11\"", "±3", "3×4", "IV", "MMXXVI", "XXL", "IIII", "١٢٣", "१२३", "１２３",
)  # fmt: skip
NASTY = (
    *(f"so{odd}me wo{odd}rds he{odd}re" for odd in ODD),
    *(f"The word {word} is foreign." for word in FOREIGN),
    *FOREIGN,
    *(f"Here is {sign} in a sentence." for sign in SIGNS),
    *SIGNS,
    *(f"The number {number} it is." for number in NUMBERS),
    *NUMBERS,
    "", " ", "\n", ".", "...", "?!", "—", "“”", "()", "😀", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪",
    "e\u0301\u0301\u0301",
    "a", "I", "A B C", "a.b.c.d", "word " * 300, "abandon " * 625, "x" * 400, "A" * 400,
    "WHY ARE WE SHOUTING? NASA!", "iPhone eBay McDonald's O'Brien", "don't can't won't 'tis",
    "rock'n'roll", "supercalifragilisticexpialidocious",
    "Llanfairpwllgwyngyllgogerychwyrndrobwll",
    "bcdfghjklmnp", "e.g. i.e. etc. vs. cf. et al.", "Mr. Mrs. Dr. Prof. St.",
    "p.m. a.m. B.C. A.D.",
    "a@b.co", "http://localhost:8000/?q=1&r=2#frag", "ftp://x.y/z", "user@[127.0.0.1]",
    "@someone #tag",
    "one\ttwo\tthree", "line\r\nbreak", "para\n\ngraph", "trailing   ", "   leading",
    "a  b   c",
    "“Quoted,” he said. ‘Nested “deep” quotes.’", "«guillemets» „low“",
    "dash—dash – dash - dash",
    "wait… what?! no!!!", "¿Qué? ¡Sí!", "naïve café façade",
    "Ångström Ødegård Łódź Dvořák Ðorđe",
    "ﬁne ﬂow ﬀ", "ＦＵＬＬ ｗｉｄｔｈ", "𝓕𝓪𝓷𝓬𝔂 𝕥𝕖𝕩𝕥", "ⓒircled ①②③", "ᴿᵃⁱˢᵉᵈ", "H̵͎͠e̶̱͝l̸̰̈p̷̙̌",
)  # fmt: skip
