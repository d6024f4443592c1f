"""A word and its reading: one of the two is said."""

import pytest

from reader.extraction.formats import html as pages
from reader.extraction.formats import text as texts
from reader.extraction.sanitise import draft
from reader.spoken import LEVELS, RULES, speak

USUAL = LEVELS["usual"]


def spoken(markup, silent=USUAL):
    made = draft("paragraph", f"<p>{markup}</p>")
    return speak("paragraph", made.html, made.shown, silent=silent, language="ja")


@pytest.mark.parametrize(
    ("markup", "word", "reading"),
    [
        ("<ruby>漢字<rt>かんじ</rt></ruby>を読む。", "漢字を読む。", "かんじを読む。"),
        ("<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>を", "漢字を", "かんじを"),
        ("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>です", "漢字です", "かんじです"),
        ("<ruby><rb>漢</rb><rb>字</rb><rt>かん</rt><rt>じ</rt></ruby>", "漢字", "かんじ"),
        ("<ruby>東京<rtc><rt>とうきょう</rt></rtc></ruby>へ", "東京へ", "とうきょうへ"),
        ("<ruby>漢字<rt></rt></ruby>を", "漢字を", "漢字を"),
        ("<ruby>漢字</ruby>を", "漢字を", "漢字を"),
        ("憂鬱《ゆううつ》な日", "憂鬱な日", "ゆううつな日"),
        ("彼は憂鬱（ゆううつ）な夜", "彼は憂鬱な夜", "彼はゆううつな夜"),
        ("憂鬱(ゆううつ)な夜", "憂鬱な夜", "ゆううつな夜"),
        ("食べ物（たべもの）を", "食べ物を", "たべものを"),
        ("その｜憂鬱《ゆううつ》な", "その憂鬱な", "そのゆううつな"),
        ("｜お母さん《おふくろ》が", "お母さんが", "おふくろが"),
        ("神聖文字《ヒエログリフ》を", "神聖文字を", "ヒエログリフを"),
        ("漢字（ㄏㄢˋ ㄗˋ）", "漢字", "ㄏㄢˋ ㄗˋ"),
        ("大韓民國(대한민국)은", "大韓民國은", "대한민국은"),
        ("학교(學校)에", "학교에", "學校에"),
        ("本文［＃「本文」に傍点］です", "本文です", "本文です"),
    ],
)
def test_the_word_is_said_or_its_reading_if_one_likes(markup, word, reading):
    assert spoken(markup).text == word
    assert spoken(markup, USUAL - {"readings"}).text == reading
    assert spoken(markup, USUAL - {"readings"} | {"brackets"}).text == reading
    assert spoken(markup, USUAL | {"brackets"}).text == word


@pytest.mark.parametrize(
    "text",
    [
        "東京（タワーがある町）へ",
        "東京（タワー）へ",
        "彼（とても長い説明の文）が",
        "これは（ゆううつ）だ",
        "학교(學)에",
        "대학교(學校法人)에",
        "《ゆううつ》な日",
        "世界《World》へ",
    ],
)
def test_what_else_is_in_brackets_is_said(text):
    assert spoken(text).text == text


def test_whatever_the_level_it_is_said_once():
    for silent in LEVELS.values():
        assert spoken("<ruby>漢字<rt>かんじ</rt></ruby>", silent).text == "漢字"
    assert "readings" in {rule.name for rule in RULES}


def test_what_is_not_said_is_told():
    assert [each.rule for each in spoken("憂鬱《ゆううつ》な日").unspoken] == ["readings"]


def test_ruby_comes_through_web_pages_and_texts():
    page = "<html lang=ja><p><ruby>漢<rt>かん</rt></ruby><ruby>字<rt>じ</rt></ruby>を読む。</p>"
    (block,) = pages.extract(page.encode()).blocks
    assert speak(block.kind, block.html, block.shown).text == "漢字を読む。"
    (block,) = texts.extract("その｜憂鬱《ゆううつ》な日のことを書く。").blocks
    assert speak(block.kind, block.html, block.shown).text == "その憂鬱な日のことを書く。"
