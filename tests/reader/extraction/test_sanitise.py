"""Document HTML is hostile; the text that a block shows is known exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.extraction.sanitise import draft, markup_of, sanitise, shown_text


@pytest.mark.parametrize(
    ("markup", "clean"),
    [
        ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
        ('<p onclick="x()" style="position:fixed" id="reading" class="block">a</p>', "<p>a</p>"),
        ("<style>p{display:none}</style><p>a</p>", "<p>a</p>"),
        ('<p><img src="https://evil.example/x.png" onerror="x()">a</p>', "<p>a</p>"),
        ("<img alt='a>b \" src=&quot;picture:' src=x>c", "c"),
        ("<img alt='a' src='picture:x'>c", "c"),
        ('<iframe src="//evil.example"></iframe>a', "a"),
        ("<svg><script>x()</script></svg>a", "a"),
        ("<!-- a --><p>b</p>", "<p>b</p>"),
        ("<form><input name=q><button>go</button></form>", "go"),
    ],
)
def test_what_is_not_allowed_is_gone(markup: str, clean: str):
    assert sanitise(markup) == clean


@pytest.mark.parametrize(
    "address",
    ["javascript:x()", " JaVa\tScript:x()", "data:text/html,x", "vbscript:x", "/admin/", "//x"],
)
def test_a_dangerous_link_is_only_its_text(address: str):
    assert sanitise(f'<a href="{address}">a</a>') == '<a rel="noopener noreferrer nofollow">a</a>'


def test_a_link_says_nothing_of_where_it_was_followed():
    assert sanitise('<a href="https://example.org/">a</a>') == (
        '<a href="https://example.org/" rel="noopener noreferrer nofollow">a</a>'
    )


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p>a &amp; b&nbsp;&lt;c&gt; &quot;</p>", 'a & b\xa0<c> "'),
        ("<pre><code>\nx</code></pre>", "\nx"),
        ("<pre>\nx\n</pre>", "x\n"),
        ("<pre></pre>\nx", "\nx"),
        ("<p>a&#13;b</p>", "a\nb"),
        ("a<br>\nb", "a\nb"),
        ("<p>a<p>b", "ab"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "12"),
    ],
)
def test_shown_is_the_text_content(markup: str, shown: str):
    assert draft("paragraph", markup).shown == shown


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n<>&;\"'")))
def test_plain_text_is_shown_as_it_is(text: str):
    block = draft("paragraph", f"<p>{markup_of(text)}</p>")
    assert block.shown == text
    assert shown_text(sanitise(block.html)) == text
