"""The article of a page: what belongs to it is kept, whatever it is called, and nothing else."""

import pytest

from reader.extraction import extract

TEXT = "The boats came back to the harbour in the evening, and the men told what they had seen. "
STORY = "".join(f"<p>{TEXT * 3}Then part {number} was over.</p>" for number in range(8))
LINKS = "".join(f"<li><a href='/{number}'>Another story {number}</a></li>" for number in range(30))
MENU = f"<div class='top'><ul>{LINKS}</ul></div>"
SCRIPTS = "<script>run()</script>" * 6  # it is no plain document


def page(body, head=""):
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{body}</body></html>".encode()


def said(body, head=""):
    return "\n".join(block.shown for block in extract("html", page(body, head)).blocks)


def test_an_article_is_read_without_what_surrounds_it():
    words = said(
        f"{SCRIPTS}<header><a href='/'>Home</a></header>{MENU}"
        f"<article><h1>Boats</h1>{STORY}</article>"
        f"<div class='related'><h3>Related</h3><ul>{LINKS}</ul></div><footer>© The paper</footer>"
    )
    assert "Then part 7 was over." in words
    assert "Another story" not in words
    assert "The paper" not in words


@pytest.mark.parametrize("part", [
    "<section id='related-work'><h2>Related work</h2><p>{0}</p></section>",
    "<section id='social-insects'><h2>Social insects</h2><p>{0}</p></section>",
    "<section id='comments-on-homer'><h2>Comments on Homer</h2><p>{0}</p></section>",
    "<section id='menus-of-the-past'><h2>Menus of the past</h2><p>{0}</p></section>",
    "<aside><p>{0}</p></aside>",
    "<div style='opacity:0'><p>{0}</p></div>",
    "<div style='font-size:0'><p style='font-size:16px'>{0}</p></div>",
    "<div hidden='until-found'><p>{0}</p></div>",
    "<details><summary>More</summary><p>{0}</p></details>",
    "<x-panel><p>{0}</p></x-panel>",
    "<p>This <x-word>is</x-word> it: <glossary-term>{0}</glossary-term></p>",
])  # fmt: skip
@pytest.mark.parametrize("scripts", ["", SCRIPTS], ids=["document", "site"])
def test_a_part_of_the_article_is_read(part, scripts):
    kept = "The author's own words are not lost here."
    assert kept in said(f"{scripts}<article><h1>T</h1>{STORY}{part.format(kept)}{STORY}</article>")


@pytest.mark.parametrize("part", [
    "<div style='display:none'><p>{0}</p></div>",
    "<p class='secret'>{0}</p>",
    "<p id='secret'>{0}</p>",
    "<div class='box'><p class='inner'>{0}</p></div>",
    "<p hidden>{0}</p>",
    "<p aria-hidden='true'>{0}</p>",
    "<noscript><p>{0}</p></noscript>",
    "<form action='/x'><label>{0}</label><input></form>",
    "<nav><p>{0}</p></nav>",
    "<ol class='comments'><li class='comment'><p>{0}</p></li></ol>",
    "<div class='comment-list'><article><p>{0}</p></article></div>",
])  # fmt: skip
def test_what_is_hidden_or_no_part_of_it_is_not_read(part):
    left = "These words are for nobody who listens."
    style = "<style>.secret, #secret { display: none } .box > .inner { visibility: hidden }</style>"
    words = said(f"<article><h1>T</h1>{STORY}</article>{part.format(left)}", style)
    assert "Then part 7 was over." in words
    assert left not in words


@pytest.mark.parametrize("around", [
    "<form id='aspnetForm' method='post'><div>{0}</div></form>",
    "<form><h1>T</h1>{0}</form>",
    "<table><tr><td class='nav'>Left</td><td>{0}</td></tr></table>",
    "<table><tr><td><table><tr><td>{0}</td></tr></table></td></tr></table>",
    "<div class='page and-w-sidebar'>{0}</div>",
    "<div class='has-comments social-on menu-open'>{0}</div>",
    "<div id='navigation-wrapper' class='ad-free'>{0}</div>",
    "<center><font>{0}</font></center>",
    "<div style='visibility:hidden'>{0}</div>",
    "<div hidden>{0}</div>",
    "<div class='cloak'>{0}</div>",
    "<x-app><x-view>{0}</x-view></x-app>",
    "<main aria-hidden='true'>{0}</main>",
    "<dd>{0}</dd>",
])  # fmt: skip
@pytest.mark.parametrize("scripts", ["", SCRIPTS], ids=["document", "site"])
def test_a_page_is_read_whatever_it_stands_in(around, scripts):
    words = said(scripts + around.format(STORY), "<style>.cloak { display: none }</style>")
    assert [f"Then part {number} was over." in words for number in range(8)] == [True] * 8


def test_a_comment_is_not_taken_for_the_article():
    comment = f"<article class='comment-body'><p>{'Only this comment is read. ' * 30}</p></article>"
    words = said(f"<div class='post'><h1>Mine</h1>{STORY}</div><ol><li>{comment}</li></ol>")
    assert "Then part 7 was over." in words
    assert "comment" not in words


def test_chapters_of_a_manual_are_all_read():
    parts = "".join(
        f"<div class='section'><h2>{number} Rules</h2><p>Rule {number} says that it holds.</p>"
        f"<dl><dt>--option{number}</dt><dd>Sets what {number} means.</dd></dl>"
        f"<pre>run {number}</pre></div>"
        for number in range(40)
    )
    words = said(f"<h1>Manual</h1><p>See <a href='#x'>all of it</a>.</p>{parts}")
    for number in range(40):
        for line in (f"{number} Rules", f"Rule {number} says that", f"--option{number}",
                     f"Sets what {number} means.", f"run {number}"):  # fmt: skip
            assert line in words, line


def test_its_structure_is_kept():
    body = (
        f"<div class='post'><h1>Boats</h1>{STORY}<h2 id='two'>Part two</h2><ul><li>One thing</li>"
        "<li>Another thing</li></ul><table><tr><th>Name</th><th>Age</th></tr><tr><td>Ann</td>"
        "<td>7</td></tr></table><pre><code>x = 1</code></pre><figure><img src='b.jpg' alt='A boat'>"
        "<figcaption>At sea</figcaption></figure><p>See <a href='#two'>part two</a>.</p>"
        f"{STORY}</div>"
    )
    blocks = list(extract("html", page(MENU + SCRIPTS + body)).blocks)
    kinds = [block.kind for block in blocks if block.kind != "paragraph"]
    assert kinds[-6:] == ["heading", "list_item", "list_item", "table", "code", "figure"]
    heading = next(block for block in blocks if block.shown == "Part two")
    assert heading.anchors == ("two",)
    assert any('<a href="block:two"' in block.html for block in blocks)


def test_an_article_is_in_the_order_of_its_page():
    body = "".join(f"<div class='entry'><p>{TEXT}Place {number}.</p></div>" for number in range(30))
    words = said(f"{MENU}{SCRIPTS}<div class='content'>{body}</div>")
    places = [words.index(f"Place {number}.") for number in range(30)]
    assert places == sorted(places)


def test_what_a_page_tells_search_engines_of_itself_is_believed_where_it_tells_nobody_else():
    data = (
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",'
        '"headline":"H","author":{"@type":"Person","name":"Jane Doe"},'
        '"publisher":{"@type":"Organization","name":"The Paper"}}</script>'
    )
    found = extract("html", page(STORY, "<title>Boats</title>" + data))
    assert (found.title, found.author, found.site) == ("Boats", "Jane Doe", "The Paper")
    meta = '<meta name="author" content="John Roe">'
    assert extract("html", page(STORY, meta + data)).author == "John Roe"


@pytest.mark.parametrize("data", ["[" * 100_000, '{"@type": 5, "author": [[]]}', "{", "null"])
def test_what_it_tells_them_badly_is_not(data):
    found = extract("html", page(STORY, f'<script type="application/ld+json">{data}</script>'))
    assert "Then part 7 was over." in "".join(block.shown for block in found.blocks)


@pytest.mark.parametrize(
    "begin", ["<article>", "<main>", "<section><p>", "<header><nav></nav></header>", ""]
)
def test_a_page_may_leave_out_the_tags_of_its_body(begin):
    source = f"<!doctype html><meta charset=utf-8><title>T</title>{begin}{TEXT} <p>The end of it."
    blocks = extract("html", source.encode()).blocks
    assert " ".join(" ".join(block.shown for block in blocks).split()) == f"{TEXT}The end of it."


def test_a_page_that_is_hidden_until_a_script_runs_may_have_elements_of_broken_names():
    words = "All of it is hidden until a script shows it."
    source = f'<body><div style="display:none"><mi"><p>{words}</p></div></body>'
    assert [block.shown for block in extract("html", source.encode()).blocks] == [words]
