"""A text file may come in any of the usual encodings; what is no text is told so."""

from __future__ import annotations

import codecs
import io
import random
import zipfile

import pytest

from reader.extraction import ExtractionError, decode, kind_of
from reader.extraction.plain.decoding import clean, decode_page

WESTERN = "Über den Wolken – “café”, naïve, 5 €.\nZweite Zeile.\n"
TEXTS = [
    WESTERN,
    "Привет, мир! Как дела?\n",
    "日本語の文章です。二つ目。\n",
    "مرحبا بالعالم\n",
    "A 😀 b\n",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_by_its_mark(text: str, encoding: str):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_BE, "utf-32-be")],
)
def test_big_endian_is_read_by_its_mark(mark: bytes, encoding: str):
    assert decode(mark + WESTERN.encode(encoding)) == WESTERN


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_without_a_mark(text: str, encoding: str):
    assert decode((text * 5).encode(encoding)) == text * 5


def test_western_8_bit_text_is_read():
    assert decode("Über den Café\n".encode("latin-1")) == "Über den Café\n"
    assert decode(WESTERN.encode("cp1252")) == WESTERN


LINES = {
    "Zażółć gęślą jaźń.": ["iso8859_2", "cp1250", "cp852"],
    "W Szczebrzeszynie chrząszcz brzmi w trzcinie.": ["iso8859_2", "cp1250"],
    "Příliš žluťoučký kůň úpěl ďábelské ódy.": ["iso8859_2", "cp1250"],
    "Árvíztűrő tükörfúrógép, és a kutya őrzi a házat.": ["iso8859_2", "cp1250"],
    "Casa veche stătea lângă râu, şi băiatul privea apa.": ["cp1250", "iso8859_2"],
    "Привет, мир! Как дела?": ["koi8_r", "cp1251", "iso8859_5", "cp866"],
    "Хлопець вийшов на берег і довго дивився на воду.": ["koi8_u", "cp1251"],
    "Момчето излезе на брега и дълго гледа водата.": ["cp1251"],
    "Дечак је изашао на обалу и дуго гледао воду.": ["cp1251", "iso8859_5"],
    "Το αγόρι κοίταζε το νερό.": ["iso8859_7", "cp1253"],
    "Καλημέρα κόσμε.": ["iso8859_7", "cp1253"],
    "吾輩は猫である。名前はまだ無い。": ["shift_jis", "euc_jp", "iso2022_jp"],
    "日本語の文章です。": ["shift_jis", "euc_jp", "iso2022_jp"],
    "老房子站在河边。男孩走到岸上，久久地看着水面。": ["gbk", "gb18030", "hz"],
    "老房子站在河邊。男孩走到岸上，久久地看著水面。": ["big5"],
    "소년은 강둑에 나가 물을 오랫동안 바라보았다.": ["euc_kr", "iso2022_kr"],
    "안녕하세요 세계.": ["euc_kr"],
    "L'été dernier, nous avons été à la mer, très fatigués.": ["cp1252", "cp850", "mac_roman"],
    "El niño salió a la orilla. ¿Qué pasó después?": ["cp1252", "cp850"],
    "Questo documento è un progetto, e ogni contributo è benvenuto.": ["cp1252"],
    "Den gamla gården låg vid älven.": ["latin_1"],
    "Eski ev nehrin kıyısında duruyordu, güneş batana dek.": ["cp1254", "iso8859_9"],
    "Berniukas išėjo į krantą ir ilgai žiūrėjo į vandenį.": ["cp1257", "iso8859_13"],
    "הבית הישן עמד ליד הנהר.": ["cp1255", "iso8859_8"],
    "كان البيت القديم يقف بجانب النهر.": ["cp1256", "iso8859_6"],
    "บ้านเก่าตั้งอยู่ริมแม่น้ำ": ["tis_620"],
    "It’s a “quote” — and a café.": ["cp1252"],
    "The price is £5 for a long text about nothing in particular.": ["cp1252"],
}


@pytest.mark.parametrize(
    ("text", "encoding"), [(text, each) for text, names in LINES.items() for each in names]
)
def test_an_older_encoding_is_known_by_the_likeliest_text(text: str, encoding: str):
    assert decode(text.encode(encoding)) == text
    assert decode((text + "\n").encode(encoding) * 300) == (text + "\n") * 300


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", TEXTS)
def test_utf_32_is_read_without_a_mark(text: str, encoding: str):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding", "said", "charset"),
    [
        ("Über uns – naïve", "utf-8", "iso-8859-1", "windows-1252"),  # what is UTF-8 is UTF-8
        ("中文网页", "utf-8", "gb2312", ""),
        ("Привет", "koi8-r", "", "koi8-r"),
        ("Привет", "koi8-r", "utf-8", "koi8_r"),  # UTF-8 it is not
        ("日本語", "shift_jis", "x-sjis", ""),
        ("中文网页", "gbk", "gb2312", ""),
        ("한국어 글", "cp949", "ks_c_5601-1987", ""),
        ("“Quoted”", "cp1252", "iso-8859-1", ""),
        ("Старый дом стоял у реки.", "cp1251", "x-unknown", "none"),
        ("Старый дом стоял у реки.", "cp1251", "", ""),
        ("Zażółć gęślą jaźń", "utf-16", "", ""),
        ("Zażółć gęślą jaźń", "utf-16-le", "utf-16", ""),
        ("Words", "utf-8", "base64", "zlib"),
    ],
)
def test_a_page_is_read_in_what_it_is_in_rather_than_in_what_is_said(
    text: str, encoding: str, said: str, charset: str
):
    page = f'<html><head><meta charset="{said}"></head><body class="some words">{text}</body>'
    assert decode_page(page.encode(encoding), charset) == page


def twice(text: str) -> bytes:
    """Encode as a program does that takes UTF-8 for Windows-1252, as browsers know that."""
    taken = (bytes([byte]) for byte in text.encode())
    return "".join(byte.decode("cp1252", "ignore") or chr(byte[0]) for byte in taken).encode()


@pytest.mark.parametrize("text", [*TEXTS, "“A right quotation mark,” à la carte", "Just a café."])
def test_text_that_was_encoded_twice_is_read_as_it_was_meant(text: str):
    assert decode(twice(text)) == text
    assert decode_page(b"<p>" + twice(text) + b"</p>") == f"<p>{text}</p>"


@pytest.mark.parametrize(
    "text",
    [
        "What you see is “cafÃ©”, and not café.",
        "SÃO PAULO, NÃO",
        "Nestlé® and the Ü™ of it",
        "NESTLÉ®",
        "the manhã™ brand",
        "a pipe of Ø½ inch",
        "the road KØ–OST",
    ],
)
def test_text_that_quotes_such_letters_stays_as_it_is(text: str):
    assert decode(text.encode()) == text


def test_a_broken_letter_does_not_make_a_page_another_encoding():
    page = '<meta charset="shift_jis">' + "吾輩は猫である。" * 20
    broken = page.encode("shift_jis") + b"\xff\xff"
    assert decode_page(broken).startswith(page)


def test_a_cut_off_letter_does_not_make_utf_8_another_encoding():
    assert (
        decode(("日本語の文章です。" * 10).encode()[:-1])
        == ("日本語の文章です。" * 10)[:-1] + "\ufffd"
    )


def test_line_ends_are_made_one_and_controls_dropped():
    assert decode(b"one\r\ntwo\rthree\x00\x07\x0cfour") == "one\ntwo\nthree\nfour"
    assert clean("a\u2028b\u2029c\x85d\ufeff") == "a\nb\n\nc\nd\ufeff"


def test_halves_of_surrogate_pairs_are_joined_or_replaced():
    assert clean("\ud83d\ude00 \ud83d x") == "😀 \ufffd x"


def test_an_empty_file_is_empty_text():
    assert decode(b"") == ""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF document"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive"),
        (b"\x89PNG\r\n\x1a\n\x00", "a picture"),
        (b"\x7fELF\x02\x01\x01\x00", "a program"),
        (bytes(range(256)) * 40, "not text"),
        (random.Random(1).randbytes(20_000), "not text"),
        (b"\x00" * 1_000, "not text"),
        (bytes(random.Random(2).choices(range(0xA0, 0x100), k=500)), "encoding"),
    ],
)
def test_what_is_not_text_is_told_so(data: bytes, words: str):
    with pytest.raises(ExtractionError, match=words):
        decode(data)


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("My Book.TXT", b"Words.", "text"), ("notes", b"Words.", "text"),
        ("page.htm", b"Words.", "html"), ("page.txt", b"<!DOCTYPE html><p>", "html"),
        ("x.md", b"# Words", "markdown"), ("x.txt", b"\n%PDF-1.7", "pdf"),
        ("x.zip", zipped("META-INF/container.xml"), "epub"),
        ("x.bin", zipped("word/document.xml"), "docx"),
        ("x.log", b"Words.", "text"),
    ],
)  # fmt: skip
def test_a_file_is_known_by_what_is_in_it_and_else_by_its_name(name, data, kind):
    assert kind_of(name, data) == kind


def compound(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(90)


def opendocument(kind: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "x")
    return file.getvalue()


def locked() -> bytes:
    data = bytearray(zipped("a.txt"))
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "is_a", "advice"),
    [
        (b"Name".ljust(60, b"\0") + b"BOOKMOBI" + bytes(50), "a Kindle book", "EPUB, with Calibre"),
        (b'<?xml version="1.0"?>\n<FictionBook xmlns="x">', "a FictionBook", "EPUB, with Calibre"),
        (zipped("book.fb2"), "a FictionBook", "Calibre"),
        (compound("WordDocument"), "a document of an older Word", r"save it as a Word document"),
        (compound("EncryptedPackage"), "a document of Office that is locked", "password off"),
        (compound("PowerPoint Document"), "a PowerPoint presentation", "PDF"),
        (compound("Workbook"), "an Excel workbook", "PDF"),
        (compound("\x05HwpSummaryInformation"), r"a Hangul document", r"\.docx"),
        (b"L\0R\0F\0\0\0", "a Sony book", "EPUB, with Calibre"),
        (b"\xf7\x02\x01\x83\x92\xc0\x1c", "a DVI document of TeX", "PDF"),
        (b"\xff\xf1\x50\x80\x2e\x7f\xfc\x21", "a sound", "Only text"),
        (zipped("visio/document.xml"), "a Visio drawing", "PDF"),
        (compound("Other"), "a document of an older Microsoft Office", "PDF"),
        (b"{\\rtf1\\ansi Words}", "an RTF document", r"\.docx"),
        (opendocument("text"), "an OpenDocument text", r"\.docx"),
        (opendocument("text-template"), "an OpenDocument text", r"\.docx"),
        (opendocument("spreadsheet"), "an OpenDocument spreadsheet", "PDF"),
        (zipped("Index/Document.iwa", "preview.jpg"), "a Pages document", "Word or EPUB"),
        (zipped("ppt/presentation.xml"), "a PowerPoint presentation", "PDF"),
        (zipped("xl/workbook.xml"), "an Excel workbook", "PDF"),
        (zipped("1.jpg", "2.JPG", "3.png", "i.xml", "4.jpg", "5.jpg"), "a comic book", "OCR"),
        (locked(), "a ZIP archive that is locked", "Unpack it with its password"),
        (b"AT&TFORM\0\0\0\1DJVM", "a DjVu document", "OCR"),
        (b"%!PS-Adobe-3.0\n", "a PostScript document", "ps2pdf"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1", "a picture", "OCR"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture", "OCR"),
        (b"<svg xmlns='x'><path/></svg>", "a picture", "OCR"),
        (b"\0\0\0\x20ftypM4B \0\0", "a sound", "Only text"),
        (b"ID3\x04\0\0", "a sound", "Only text"),
        (b"\0\0\0\x20ftypisom\0\0", "a video", "Only text"),
        (b"\x1aE\xdf\xa3\x01", "a video", "Only text"),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive", "Unpack"),
        (b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;", "a web archive",
         "HTML or PDF"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x", "x.txt", "x.epub", "x.docx"])
def test_each_format_that_is_not_read_is_named_with_what_to_do(data, is_a, advice, name):
    with pytest.raises(ExtractionError, match=f"^This is {is_a}.*, which cannot be read.*{advice}"):
        kind_of(name, data)


@pytest.mark.parametrize(
    ("name", "is_a", "advice"),
    [
        ("book.acsm", "a licence to fetch a protected book", "locked to its seller"),
        ("notes.gdoc", "a link to a document of Google", r"\.docx"),
        ("film.SRT", "a file of subtitles", r"\.txt"),
        ("work.ipynb", "a Jupyter notebook", "HTML or Markdown"),
        ("prices.csv", "a table of values", "PDF"),
        ("page.URL", "a link to a web page", "bring in the address"),
        ("page.webloc", "a link to a web page", "bring in the address"),
        ("book.kfx", "a Kindle book", "EPUB, with Calibre"),
        ("letter.hwpx", r"a Hangul document", r"\.docx"),
        ("letter.abw", "an AbiWord document", r"\.docx"),
        ("letter.wpd", "a WordPerfect document", r"\.docx"),
    ],
)
def test_what_only_its_name_tells_is_named_too(name, is_a, advice):
    with pytest.raises(ExtractionError, match=f"^This is {is_a}.*, which cannot be read.*{advice}"):
        kind_of(name, b"some characters")


def test_a_page_named_xml_is_a_page():
    page = b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>"
    assert kind_of("page.xml", page) == "html"


@pytest.mark.parametrize(
    "text",
    [
        "MZ was a letter.", "caffè and more", "OTTO went home.", "ID3 tags are in sounds.",
        "BM stands for a name.", "%! TEX program = lualatex", "GIF87 is old.", "true",
        "Rar! said the bird.", "The element <FictionBook> begins a book.", "PK is short.",
        "RIFFs of a guitar",
        "About MIME:\n\nContent-Type: multipart/related", "TPZ", "BOOKMOBI", "fLaC is a format",
    ],
)  # fmt: skip
def test_a_text_that_begins_like_another_format_is_a_text(text):
    assert kind_of("x.txt", text.encode()) == "text"
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("book.xyz", b"Words.", r"What can be read: PDF, EPUB, Word"),
        ("book.pdf", b"Words.", r"named \.pdf, and is none"),
        ("book.epub", b"Words.", r"named \.epub, and is none"),
        ("x.zip", zipped("a.txt"), r"neither an EPUB book nor a Word document"),
        ("x.epub", b"PK\x03\x04", r"damaged or cut off"),
        ("x.png", b"\x89PNG\r\n\x1a\n", r"This is a picture, which cannot be read"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_told(name, data, told):
    with pytest.raises(ExtractionError, match=told):
        kind_of(name, data)
