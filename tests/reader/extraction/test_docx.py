"""What Word can put between two words, and what is read of it."""

import io
import zipfile

import pytest
from lxml import etree

from reader.extraction import extract
from reader.extraction.formats.docx.mathematics import mathml as to_mathml

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = (
    f'xmlns:w="{W}" xmlns:r="{R}" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
STYLES = f"""<w:styles {HEAD}>
<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="U1"><w:name w:val="heading 1"/><w:pPr><w:numPr>
<w:numId w:val="3"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Mine"/><w:basedOn w:val="U1"/></w:style>
<w:style w:type="paragraph" w:styleId="V1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="character" w:styleId="Hoch"><w:name w:val="Raised"/><w:rPr>
<w:vertAlign w:val="superscript"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Weg"><w:name w:val="Gone"/>
<w:rPr><w:vanish/></w:rPr></w:style>
</w:styles>"""
NUMBERING = f"""<w:numbering {HEAD}>
<w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>
<w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/>
<w:lvlText w:val="%2)"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>
<w:lvlText w:val="Article %1"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="2">
<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">
<w:startOverride w:val="5"/></w:lvlOverride></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="2"/></w:num>
</w:numbering>"""


def word(body: str, *, notes: str = "", more: dict[str, str] | None = None) -> bytes:
    parts = {
        "styles": STYLES,
        "numbering": NUMBERING,
        "footnotes": f"<w:footnotes {HEAD}>{notes}</w:footnotes>",
    }
    relations = "".join(
        f'<Relationship Id="{name}" Type="{R}/{name}" Target="{name}.xml"/>' for name in parts
    )
    relations += "".join(
        f'<Relationship Id="x{at}" Type="{R}/other" Target="{name}"/>'
        for at, name in enumerate(more or {})
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml",
                         f"<w:document {HEAD}><w:body>{body}</w:body></w:document>")  # fmt: skip
        archive.writestr("word/_rels/document.xml.rels",
                         f"<Relationships>{relations}</Relationships>")  # fmt: skip
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
        for name, content in (more or {}).items():
            archive.writestr(f"word/{name}", content)
    return made.getvalue()


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def para(text: str, properties: str = "") -> str:
    content = text if text.startswith("<") else run(text)
    return f"<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>"


def box(text: str) -> str:
    return f"<w:txbxContent>{para(text)}</w:txbxContent>"


def field(instruction: str, result: str | None) -> str:
    def char(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    shown = "" if result is None else char("separate") + run(result)
    return f"{char('begin')}<w:r><w:instrText>{instruction}</w:instrText></w:r>{shown}{char('end')}"


def shown(body: str, **more) -> list[str]:
    return [block.shown for block in extract("docx", word(body, **more)).blocks]


DRAWN = f"<w:drawing><a:g><wps:wsp><wps:txbx>{box('Boxed.')}</wps:txbx></wps:wsp></a:g></w:drawing>"
PICT = f"<w:pict><v:shape><v:textbox>{box('Boxed.')}</v:textbox></v:shape></w:pict>"


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (f"<w:sdt><w:sdtContent>{para('Held.')}</w:sdtContent></w:sdt>", ["Held."]),
        (f"<w:customXml><w:sdt><w:sdtContent>{para('Deep.')}</w:sdtContent></w:sdt>"
         "</w:customXml>",
         ["Deep."]),
        (para(f"<w:sdt><w:sdtContent>{run('In')}</w:sdtContent></w:sdt>{run('line.')}"),
         ["Inline."]),
        (para(f"<w:smartTag><w:smartTag>{run('Tagged')}</w:smartTag></w:smartTag>"), ["Tagged"]),
        (para(f"<w:customXml>{run('Own')}</w:customXml>"), ["Own"]),
        # A box is said once, though it is written for two versions of Word.
        (para(f"{run('Main.')}<w:r>{DRAWN}</w:r>"), ["Main.", "Boxed."]),
        (para(f"{run('Main.')}<w:r>{PICT}</w:r>"), ["Main.", "Boxed."]),
        (para(f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'>{DRAWN}</mc:Choice>"
              f"<mc:Fallback>{PICT}</mc:Fallback></mc:AlternateContent></w:r>"), ["Boxed."]),
        (para(f"<w:r><mc:AlternateContent><mc:Choice Requires='x'><w:drawing/></mc:Choice>"
              f"<mc:Fallback>{PICT}</mc:Fallback></mc:AlternateContent></w:r>"), ["Boxed."]),
        (para("<w:r><w:pict><v:shape><v:textpath string='Drawn words'/></v:shape></w:pict></w:r>"),
         ["Drawn words"]),
        # Tracked changes.
        (para(f"<w:ins>{run('New ')}</w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
              f"{run('words')}"), ["New words"]),
        (f"<w:ins>{para('A whole paragraph.')}</w:ins>", ["A whole paragraph."]),
        (para(f"<w:moveFrom>{run('gone')}</w:moveFrom><w:moveTo>{run('here')}</w:moveTo>"),
         ["here"]),
        # Fields: results are read, instructions are not, whatever is missing of them.
        (para(field(" PAGE ", "7")), ["7"]),
        (para(run("See ") + field(' HYPERLINK "http://x" ', "there")), ["See there"]),
        (para(field(f" IF {run('x')} ", None) + run("After")), ["After"]),
        (para('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + run("lost")) + para("Next."),
         ["Next."]),
        (para(f"<w:fldSimple w:instr='DATE'>{run('Today')}</w:fldSimple>"), ["Today"]),
        # Hidden text, by itself or by its style.
        (para(run("Seen") + run(" hidden", "<w:vanish/>")), ["Seen"]),
        (para(run("Seen") + run(" hidden", '<w:rStyle w:val="Weg"/>')), ["Seen"]),
        (para(run("Seen", '<w:vanish w:val="0"/>')), ["Seen"]),
        # Contents lose their pages' numbers.
        (para(run("Intro") + "<w:r><w:tab/></w:r>" + run("12"), '<w:pStyle w:val="V1"/>'),
         ["Intro"]),
        (para(run("1") + "<w:r><w:tab/></w:r>" + run("Intro") + "<w:r><w:tab/></w:r>"
              + field(" PAGEREF x ", "iv"), '<w:pStyle w:val="V1"/>'), ["1 Intro"]),
        (para(f"<w:hyperlink w:anchor='x'>{run('In 1984')}<w:r><w:tab/></w:r>{run('3')}"
              "</w:hyperlink>", '<w:pStyle w:val="TOC3"/>'), ["In 1984"]),
        (para("In 1984", '<w:pStyle w:val="V1"/>'), ["In 1984"]),
        # A large initial belongs to its word.
        (para("O", '<w:framePr w:dropCap="drop"/>') + para("nce upon a time."),
         ["Once upon a time."]),
        # Signs.
        (para('<w:r><w:t>a</w:t><w:sym w:font="Symbol" w:char="F062"/><w:softHyphen/>'
              "<w:t>c</w:t></w:r>"),
         ["aβ\xadc"]),
        (para("<w:r><w:t>one</w:t><w:br/><w:t>two</w:t></w:r>"), ["one\ntwo"]),
        # Tables: rows and cells in content controls, boxes and lists in cells.
        (f"<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc>{para('A')}</w:tc><w:sdt><w:sdtContent>"
         f"<w:tc>{para('B')}</w:tc></w:sdtContent></w:sdt></w:tr></w:sdtContent></w:sdt></w:tbl>",
         ["A B"]),
        (f"<w:tbl><w:tr><w:tc>{para('A')}<w:tbl><w:tr><w:tc>{para('B')}</w:tc></w:tr></w:tbl></w:tc>"
         f"<w:tc>{para('C')}</w:tc></w:tr></w:tbl>", ["A", "B", "C"]),
        # An older field for fractions and readings.
        (para(field(r" EQ \o\ad(\s\up 9(かんじ),漢字) ", None)), ["漢字かんじ"]),
    ],
)  # fmt: skip
def test_what_is_shown_of_a_word_document(body, texts):
    assert shown(body) == texts


@pytest.mark.parametrize(
    ("body", "html"),
    [
        (run("10") + run("6", '<w:vertAlign w:val="superscript"/>'), "10<sup>6</sup>"),
        (run("10") + run("6", '<w:rStyle w:val="Hoch"/>'), "10<sup>6</sup>"),
        (run("H") + run("2", '<w:position w:val="-6"/>') + run("O"), "H<sub>2</sub>O"),
        (run("low", '<w:position w:val="2"/>'), "low"),
        ("<w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r>"
         "</w:rubyBase></w:ruby></w:r>", "<ruby>漢<rt>かん</rt></ruby>"),
    ],
)  # fmt: skip
def test_raised_letters_and_readings_are_marked(body, html):
    (block,) = extract("docx", word(para(body))).blocks
    assert block.html == f"<p>{html}</p>"


def listed(number: int, level: int = 0, more: str = "") -> str:
    return f'{more}<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def test_lists_count_as_word_does():
    body = (
        para("one", listed(1)) + para("a", listed(1, 1)) + para("b", listed(1, 1))
        + para("two", listed(1)) + para("a again", listed(1, 1)) + para("five", listed(2))
        + para("six", listed(2)) + para("dot", listed(4)) + para("plain", listed(0))
    )  # fmt: skip
    blocks = list(extract("docx", word(body)).blocks)
    assert [block.html for block in blocks] == [
        '<ol type="1" start="1"><li>one</li></ol>', '<ol type="a" start="1"><li>a</li></ol>',
        '<ol type="a" start="2"><li>b</li></ol>', '<ol type="1" start="2"><li>two</li></ol>',
        '<ol type="a" start="1"><li>a again</li></ol>', '<ol type="1" start="5"><li>five</li></ol>',
        '<ol type="1" start="6"><li>six</li></ol>', "<ul><li>dot</li></ul>", "<p>plain</p>",
    ]  # fmt: skip
    assert [block.level for block in blocks] == [1, 2, 2, 1, 2, 1, 1, 1, 0]


def test_numbers_that_are_more_than_one_are_part_of_the_text():
    body = (
        para("Scope", '<w:pStyle w:val="U1"/>') + para("It holds.", listed(3, 1))
        + para("It ends.", listed(3, 1)) + para("Terms", '<w:pStyle w:val="Own"/>')
        + para("A word.", listed(3, 1))
    )  # fmt: skip
    blocks = list(extract("docx", word(body)).blocks)
    assert [(block.kind, block.shown) for block in blocks] == [
        ("heading", "Article 1 Scope"), ("paragraph", "1.1 It holds."),
        ("paragraph", "1.2 It ends."), ("heading", "Article 2 Terms"), ("paragraph", "2.1 A word."),
    ]  # fmt: skip


def test_a_diagram_and_an_embedded_page_are_read_and_what_is_neither_is_told():
    diagram = "<w:drawing><dgm:relIds r:dm='x0'/></w:drawing>"
    body = para(f"<w:r>{diagram}</w:r>") + "<w:altChunk r:id='x1'/><w:altChunk r:id='x2'/>"
    more = {
        "data1.xml": f"<dgm:dataModel {HEAD}><dgm:pt><dgm:t><a:p><a:r><a:t>Step one</a:t></a:r>"
        "</a:p></dgm:t></dgm:pt></dgm:dataModel>",
        "chunk.htm": "<html><body><p>From a page.</p></body></html>",
        "chunk.rtf": "{\\rtf}",
    }
    extracted = extract("docx", word(body, more=more))
    assert [block.shown for block in extracted.blocks] == ["Step one", "From a page."]
    assert [part.where for part in extracted.left_out] == ["An embedded part (chunk.rtf)"]


def test_the_notes_come_last_with_their_own_marks():
    notes = (
        f'<w:footnote w:id="2">{para("First")}{para("and more.")}</w:footnote>'
        f'<w:footnote w:id="3">{para("Starred.")}</w:footnote>'
        f'<w:footnote w:id="4">{para("Nobody refers to it.")}</w:footnote>'
    )
    body = para(
        run("A word")
        + '<w:r><w:footnoteReference w:id="2"/></w:r>'
        + run(" more")
        + '<w:r><w:footnoteReference w:customMarkFollows="1" w:id="3"/><w:t>*</w:t></w:r>'
        + '<w:r><w:footnoteReference w:id="99"/></w:r>'
    )
    blocks = list(extract("docx", word(body, notes=notes)).blocks)
    assert [block.shown for block in blocks] == [
        "A word1 more*",
        "1. First and more.",
        "* Starred.",
    ]
    assert blocks[0].html.count("data-role") == 2
    assert all(' data-role="note"' in block.html for block in blocks[1:])


@pytest.mark.parametrize("content", [b"", b"\x01\x02 no XML"])
def test_notes_that_are_broken_are_told_and_the_rest_is_read(content):
    whole, made = zipfile.ZipFile(io.BytesIO(word(para("Main text.")))), io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in whole.namelist():
            is_broken = name == "word/footnotes.xml"
            archive.writestr(name, content if is_broken else whole.read(name))
    extracted = extract("docx", made.getvalue())
    assert [block.shown for block in extracted.blocks] == ["Main text."]
    assert [(part.where, part.why) for part in extracted.left_out] == [
        ("The footnotes", "They are damaged or cut off in this file.")
    ]


def test_the_strict_variant_of_the_standard_is_read():
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word(para("Words.", '<w:pStyle w:val="U1"/>')))) as old,
        zipfile.ZipFile(made, "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            for kind in (b"wordprocessingml", b"officeDocument", b"drawingml"):
                content = content.replace(
                    b"http://schemas.openxmlformats.org/" + kind + b"/2006/",
                    b"http://purl.oclc.org/ooxml/" + kind + b"/",
                )
            new.writestr(name, content)
    assert b"purl.oclc.org/ooxml/wordprocessingml/main" in made.getvalue()
    (block,) = extract("docx", made.getvalue()).blocks
    assert (block.kind, block.shown) == ("heading", "Article 1 Words.")


def test_a_document_with_missing_and_broken_parts_is_read():
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word(para("Words.")))) as old:
        content = old.read("word/document.xml")
    with zipfile.ZipFile(made, "w") as new:
        new.writestr("word/document.xml", content)
        new.writestr("word/styles.xml", "<w:styles")
    (block,) = extract("docx", made.getvalue()).blocks
    assert block.shown == "Words."


def math(inner: str) -> str:
    return f"<m:oMath>{inner}</m:oMath>"


def r(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("omml", "mathml"),
    [
        (f"<m:f><m:num>{r('a')}</m:num><m:den>{r('b')}</m:den></m:f>",
         "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (f"{r('E=m')}<m:sSup><m:e>{r('c')}</m:e><m:sup>{r('2')}</m:sup></m:sSup>",
         "<mrow><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></mrow>"),
        (f"<m:rad><m:radPr><m:degHide m:val='1'/></m:radPr><m:deg/><m:e>{r('x+1')}</m:e></m:rad>",
         "<msqrt><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow></msqrt>"),
        (f"<m:rad><m:deg>{r('3')}</m:deg><m:e>{r('x')}</m:e></m:rad>",
         "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (f"<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub>{r('i=1')}</m:sub><m:sup>{r('n')}"
         f"</m:sup><m:e>{r('i')}</m:e></m:nary>",
         "<mrow><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi>"
         "</munderover><mi>i</mi></mrow>"),
        (f"<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=']'/></m:dPr><m:e>{r('x')}</m:e></m:d>",
         "<mrow><mo>[</mo><mi>x</mi><mo>]</mo></mrow>"),
        (f"<m:func><m:fName><m:r><m:rPr><m:sty m:val='p'/></m:rPr><m:t>sin</m:t></m:r></m:fName>"
         f"<m:e>{r('x')}</m:e></m:func>", "<mrow><mi>sin</mi><mo>\u2061</mo><mi>x</mi></mrow>"),
        (f"<m:sSubSup><m:e>{r('x')}</m:e><m:sub>{r('1')}</m:sub><m:sup>{r('2.5')}</m:sup></m:sSubSup>",
         "<msubsup><mi>x</mi><mn>1</mn><mn>2.5</mn></msubsup>"),
        (f"<m:m><m:mr><m:e>{r('a')}</m:e><m:e>{r('b')}</m:e></m:mr></m:m>",
         "<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable>"),
        ("<m:r><m:rPr><m:nor/></m:rPr><m:t>if it rains</m:t></m:r>", "<mtext>if it rains</mtext>"),
        (f"<w:ins>{r('y')}</w:ins>", "<mi>y</mi>"),
    ],
)  # fmt: skip
def test_a_formula_becomes_mathml(omml, mathml):
    source = etree.fromstring(f"<x {HEAD}>{math(omml)}</x>")[0]
    written = etree.tostring(to_mathml(source), encoding="unicode")
    assert written == f"<math>{mathml}</math>"


def test_a_formula_keeps_its_letters_among_the_words():
    body = para(run("Let ") + math(r("x=1")) + run(" hold.")) + para(
        f"<m:oMathPara>{math(r('y'))}</m:oMathPara>"
    )
    first, second = shown(body)
    assert first.startswith("Let x")
    assert first.endswith("1 hold.")
    assert "y" in second
