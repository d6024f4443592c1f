"""The files of a book, as text: package, contents, pages, overlays (EPUB 3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from reader.exporting.writers.book import Book, Entry
from reader.exporting.writers.epub.sound import Clip
from reader.exporting.writers.epub.words import LANGUAGE, NO_XML, XHTML

ACTIVE = "-epub-media-overlay-active"
CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
STYLE = f"""body {{ line-height: 1.5; margin: 0 5%; }}
h2, h3, h4, h5, h6 {{ line-height: 1.2; margin: 1.5em 0 0.5em; }}
p {{ margin: 0 0 0.75em; }}
figure {{ margin: 1em 0; text-align: center; }}
img {{ max-width: 100%; height: auto; }}
table {{ border-collapse: collapse; margin: 1em 0; }}
th, td {{ border: 1px solid; padding: 0.2em 0.5em; text-align: start; }}
pre {{ white-space: pre-wrap; }}
.{ACTIVE} {{ background: #fde68a; color: #111; }}
"""
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the book."""

    id: str
    href: str
    media_type: str
    properties: str = ""
    overlay: str = ""

    def __str__(self) -> str:
        more = f' properties="{self.properties}"' if self.properties else ""
        more += f' media-overlay="{self.overlay}"' if self.overlay else ""
        return f'<item id="{self.id}" href="{self.href}" media-type="{self.media_type}"{more}/>'


@dataclass(slots=True)
class Package:
    """What the package document says."""

    items: list[Item] = field(default_factory=list)
    spine: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)  # of overlays, by their ids

    def document(self, book: Book) -> str:
        spine = "".join(f'<itemref idref="{each}"/>' for each in self.spine)
        return (
            f'{HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
            f'unique-identifier="id" xml:lang="{language_of(book)}" '
            'prefix="media: http://www.idpf.org/epub/vocab/overlays/#">\n'
            f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{self._metadata(book)}'
            f"</metadata>\n<manifest>{''.join(map(str, self.items))}</manifest>\n"
            f"<spine>{spine}</spine></package>"
        )

    def _metadata(self, book: Book) -> str:
        said = [
            f'<dc:identifier id="id">{text(book.identifier)}</dc:identifier>',
            f"<dc:title>{text(book.title) or 'Untitled'}</dc:title>",
            f"<dc:language>{language_of(book)}</dc:language>",
            *([f"<dc:creator>{text(book.author)}</dc:creator>"] if text(book.author) else []),
            _meta("dcterms:modified", book.modified),
            *overlay_metadata(self.seconds, book.voice),
        ]
        return "".join(said)


def overlay_metadata(seconds: dict[str, float], narrator: str) -> list[str]:
    """Return what the metadata of a book says of its overlays."""
    features = ["structuralNavigation", "tableOfContents", "readingOrder"]
    said = [
        _meta("schema:accessMode", "textual"),
        _meta("schema:accessModeSufficient", "textual"),
        _meta("schema:accessibilityHazard", "none"),
    ]
    if seconds:
        features.append("synchronizedAudioText")
        said += [
            _meta("media:duration", f"{sum(seconds.values()):.3f}s"),
            *(_meta("media:duration", f"{each:.3f}s", name) for name, each in seconds.items()),
            _meta("media:active-class", ACTIVE),
            *([_meta("media:narrator", narrator)] if text(narrator) else []),
            _meta("schema:accessMode", "auditory"),
        ]
    return said + [_meta("schema:accessibilityFeature", each) for each in features]


def _meta(name: str, value: str, refines: str = "") -> str:
    of = f' refines="#{refines}"' if refines else ""
    return f'<meta property="{name}"{of}>{text(value)}</meta>'


def page(book: Book, title: str, elements: Iterable[etree._Element]) -> bytes:
    """Return a page of the text."""
    language = language_of(book)
    root = etree.Element(f"{{{XHTML}}}html", nsmap={None: XHTML})
    root.set("lang", language)
    root.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    head = etree.SubElement(root, f"{{{XHTML}}}head")
    etree.SubElement(head, f"{{{XHTML}}}title").text = NO_XML.sub("", title) or "Untitled"
    style = etree.SubElement(head, f"{{{XHTML}}}link")
    style.attrib.update({"rel": "stylesheet", "type": "text/css", "href": "../style.css"})
    body = etree.SubElement(root, f"{{{XHTML}}}body")
    for element in elements:
        element.tail = "\n"
        body.append(element)
    written = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return HEAD.encode() + b"<!DOCTYPE html>\n" + bytes(written)


def navigation(book: Book, entries: Sequence[tuple[Entry, str]]) -> str:
    """Return the contents, each line with the address that it leads to."""
    return (
        f'{HEAD}<!DOCTYPE html>\n<html xmlns="{XHTML}" '
        f'xmlns:epub="http://www.idpf.org/2007/ops" lang="{language_of(book)}" '
        f'xml:lang="{language_of(book)}"><head><title>{text(book.title) or "Untitled"}</title>'
        '</head><body><nav epub:type="toc" role="doc-toc"><h1>Contents</h1>'
        f"{_list(entries)}</nav></body></html>"
    )


def _list(entries: Sequence[tuple[Entry, str]]) -> str:
    """Return lines as nested lists; a line that is deeper than the one before is in that."""
    if not entries:
        return ""
    top = entries[0][0].level
    groups: list[tuple[Entry, str, list[tuple[Entry, str]]]] = []
    for entry, href in entries:
        if groups and entry.level > top:
            groups[-1][2].append((entry, href))
        else:
            top = min(top, entry.level)
            groups.append((entry, href, []))
    lines = (
        f'<li><a href="{escape(href)}">{text(entry.title) or "…"}</a>{_list(inner)}</li>'
        for entry, href, inner in groups
    )
    return f"<ol>{''.join(lines)}</ol>"


def overlay(page_href: str, audio_folder: str, clips: Sequence[Clip]) -> str:
    """Return an overlay: for each name in a page, from when to when it is heard."""
    page_href = escape(page_href)
    pars = "".join(
        f'<par id="p{number}"><text src="{page_href}#{escape(clip.name)}"/>'
        f'<audio src="{audio_folder}{clip.file}" clipBegin="{clip.begin:.3f}s" '
        f'clipEnd="{clip.end:.3f}s"/></par>'
        for number, clip in enumerate(clips)
    )
    return (
        f'{HEAD}<smil xmlns="http://www.w3.org/ns/SMIL" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'version="3.0"><body><seq id="seq" epub:textref="{page_href}">{pars}</seq></body></smil>'
    )


def language_of(book: Book) -> str:
    return book.language if LANGUAGE.fullmatch(book.language) else "und"


def text(plain: str) -> str:
    return escape(" ".join(NO_XML.sub("", plain).split()))
