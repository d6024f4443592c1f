"""Documents: bringing them in, finding them, naming them, taking them away."""

from __future__ import annotations

import json
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import ValidationError

from ..extraction import ExtractionError
from ..forms.documents import DocumentForm, RenameForm
from ..ingestion.fetching import checked
from ..models import Block, Document, OutlineEntry
from ..services import documents, growing
from ..services.quota import refusal
from ..services.shelf import titled
from . import idempotency
from .access import READS, WRITES, person, takes_uploads, visible
from .paging import Part, PartOfBlocks, part_of
from .problems import Problem, of_form
from .shapes import (
    BlockOut,
    DocumentOut,
    Input,
    More,
    Names,
    NewGrowing,
    NewPage,
    NewText,
    OutlineOut,
    Page,
)

router = Router(tags=["Documents"])
Sent = TypeVar("Sent", bound=Input)
StatusName = Literal["", "importing", "ready", "failed"]

NEW_DOCUMENT = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {"$ref": "#/components/schemas/NewText"},
                        {"$ref": "#/components/schemas/NewPage"},
                        {"$ref": "#/components/schemas/NewGrowing"},
                    ]
                }
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "title": {"type": "string", "maxLength": 300},
                        "url": {
                            "type": "string",
                            "maxLength": 2000,
                            "description": "Where it is from: it is not fetched.",
                        },
                    },
                    "required": ["file"],
                }
            },
        },
    },
}


@router.post(
    "/documents",
    auth=WRITES,
    response={201: DocumentOut},
    summary="Bring in a text, a web page or a file",
    openapi_extra=NEW_DOCUMENT,
)
@takes_uploads
def create(request: HttpRequest) -> HttpResponse | Status[Any]:
    """It is imported in the background: ``status`` tells when it is ready. Its first blocks are
    there sooner, and can be listened to. A header ``Idempotency-Key`` makes it safe to send again.
    """
    return idempotency.answered(request, lambda: (201, out(_create(request))))


def _create(request: HttpRequest) -> Document:
    user, (data, files) = person(request), _sent(request)
    found_at = _found_at(request) if files else ""
    if data.pop("growing", False):
        if words := refusal(user, more_bytes=len(data["text"])):
            raise Problem(422, words)
        return growing.begin_growing(owner=user, title=data["title"], text=data["text"])
    form = DocumentForm(data, files, owner=user)
    if not form.is_valid():
        raise of_form(form)
    return documents.add_document(
        owner=person(request),
        title=form.cleaned_data["title"],
        text=form.cleaned_data["text"],
        upload=form.cleaned_data["file"],
        kind=form.kind,
        address=found_at or form.cleaned_data["url"],
    )


def _found_at(request: HttpRequest) -> str:
    """Return where a file is from, if that is told. Raises Problem."""
    address = _field(request, "url").strip()
    if address:
        try:
            checked(address)
        except ExtractionError as error:
            raise Problem(422, str(error)) from None
    return address[:2000]


def _sent(request: HttpRequest) -> tuple[dict[str, Any], Any]:
    """Return what was sent as a form's data and files. Raises Problem."""
    usual = {"again": "on"}  # whoever sends a text twice wants it twice
    if request.content_type == "multipart/form-data":
        if "file" not in request.FILES:
            raise Problem(422, "Send the document in the field file.")
        if len(request.FILES.getlist("file")) > 1:
            raise Problem(422, "Send one file; each makes a document of its own.")
        return {"title": _field(request, "title"), **usual}, request.FILES
    if request.content_type != "application/json":
        raise Problem(415, "Send JSON (application/json), or a file in multipart/form-data.")
    content = _json(request)
    names = set(content) if isinstance(content, dict) else set()
    shape: type[Input] = NewText
    if names & {"url", "growing"}:
        shape = NewPage if "url" in names else NewGrowing
    return {**_valid(shape, content).model_dump(), **usual}, None


def _field(request: HttpRequest, name: str) -> str:
    """Return a form's field that is sent once at most. Raises Problem."""
    values = request.POST.getlist(name)
    if len(values) > 1 or name in request.FILES:
        raise Problem(422, f"Send {name} once, as a text.")
    return values[0] if values else ""


def _json(request: HttpRequest) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        raise Problem(400, "This is no JSON.") from None


def _valid(shape: type[Sent], content: Any) -> Sent:
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        errors = [
            {"field": ".".join(map(str, each["loc"])), "message": each["msg"]}
            for each in error.errors()
        ]
        raise Problem(422, "This is not as it should be.", errors=errors) from None


@router.post(
    "/documents/{uuid:uuid}/append",
    auth=WRITES,
    response=DocumentOut,
    summary="Append to a text",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/More"}}},
        }
    },
)
@takes_uploads
def append(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It may be half a sentence: what is whole becomes blocks, and is spoken; the rest follows
    after a pause. Open pages go on with it. ``finished: true`` ends it; half an hour of silence
    does too, and whoever appends after that begins it again."""
    document = get_object_or_404(visible(request), uuid=uuid)
    return idempotency.answered(request, lambda: (200, out(_append(request, document))))


def _append(request: HttpRequest, document: Document) -> Document:
    if request.content_type != "application/json":
        raise Problem(415, "Send JSON (application/json).")
    more = _valid(More, _json(request))
    try:
        growing.append_text(document=document, text=more.text, finished=more.finished)
    except growing.CannotGrow as error:
        raise Problem(409, str(error)) from None
    document.refresh_from_db()
    return document


@router.get("/documents", auth=READS, response=Page[DocumentOut], summary="List documents")
def listing(
    request: HttpRequest, part: Query[Part], title: str = "", status: StatusName = ""
) -> dict[str, Any]:
    """The latest first. ``title``: only those whose title has this in it."""
    found = titled(visible(request), title)
    if status:
        found = found.filter(status=status)
    page = part_of(found, part)
    return {**page, "items": list(map(out, page["items"]))}


@router.get("/documents/{uuid:uuid}", auth=READS, response=DocumentOut, summary="Read a document")
def document(request: HttpRequest, uuid: UUID) -> DocumentOut:
    return out(get_object_or_404(visible(request), uuid=uuid))


@router.patch(
    "/documents/{uuid:uuid}", auth=WRITES, response=DocumentOut, summary="Rename a document"
)
def rename(request: HttpRequest, uuid: UUID, names: Names) -> DocumentOut:
    found = get_object_or_404(visible(request), uuid=uuid)
    chosen = names.model_dump(exclude_none=True)
    if chosen:
        form = RenameForm({"title": found.name, "author": found.author, **chosen})
        if not form.is_valid():
            raise of_form(form)
        documents.rename_document(document=found, **form.cleaned_data)
        found.refresh_from_db()
    return out(found)


@router.delete(
    "/documents/{uuid:uuid}", auth=WRITES, response={204: None}, summary="Delete a document"
)
def delete(request: HttpRequest, uuid: UUID) -> Status[None]:
    """It is gone at once; it is in the trash for some weeks, from where it can be taken back."""
    documents.discard_document(document=get_object_or_404(visible(request), uuid=uuid))
    return Status(204, None)


@router.get(
    "/documents/{uuid:uuid}/blocks", auth=READS, response=Page[BlockOut], summary="Read its blocks"
)
def blocks(request: HttpRequest, uuid: UUID, part: Query[PartOfBlocks]) -> dict[str, Any]:
    """In reading order. While a document is imported, more of them come."""
    found = get_object_or_404(visible(request), uuid=uuid)
    items = list(found.blocks.filter(idx__gte=part.offset)[: part.limit])
    for block in items:
        block.document = found  # whose addresses its pictures have
    return {"items": [_block_out(block) for block in items], "count": found.block_count}


def _block_out(block: Block) -> BlockOut:
    return BlockOut(
        idx=block.idx,
        kind=block.kind,
        level=block.level,
        language=block.language,
        html=block.shown_html,
        text=block.text,
        spans=block.spans,
    )


@router.get(
    "/documents/{uuid:uuid}/outline",
    auth=READS,
    response=Page[OutlineOut],
    summary="Read its outline",
)
def outline(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Its headings or chapters, each with the block that it begins with."""
    found = get_object_or_404(visible(request), uuid=uuid)
    items: list[OutlineEntry] = list(found.outline.all())
    return {"items": items, "count": len(items)}


def out(document: Document) -> DocumentOut:
    """Return what is told of a document."""
    return DocumentOut(
        **{
            name: getattr(document, name)
            for name in DocumentOut.model_fields
            if name not in ("url", "title")
        },
        title=document.title,
        url=document.get_absolute_url(),
    )
