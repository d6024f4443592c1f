"""Exports: files made of documents in a voice, to take along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from ninja import Query, Router, Status

from tts.delivery.responses import SoundGone, file_response, open_stored

from ..ingestion.naming import stem
from ..models import Export
from ..services import exports
from ..services.preferences import preferences_of, voice_of
from . import idempotency
from .access import READS, WRITES, person, visible
from .paging import Part, part_of
from .problems import Problem
from .shapes import ExportOut, NewExport, Page
from .sounds import voice_named

router = Router(tags=["Exports"])

FILE = {
    "responses": {
        200: {"content": {"application/octet-stream": {"schema": {"type": "string",
                                                                  "format": "binary"}}}},
        206: {"description": "Partial Content"},
        304: {"description": "Not Modified"},
        416: {"description": "Range Not Satisfiable"},
    }
}  # fmt: skip
E = "/documents/{uuid:uuid}/exports"


@router.post(E, auth=WRITES, response={202: ExportOut}, summary="Have a file made")
def begin(request: HttpRequest, uuid: UUID, new: NewExport) -> Any:
    """``kind`` is one of those that the description of ``NewExport`` names. It is made in the
    background: ``status`` and ``progress`` tell how far it is."""
    document = get_object_or_404(visible(request), uuid=uuid)

    def begun() -> tuple[int, ExportOut]:
        user = person(request)
        usual = voice_of(preferences_of(user, document))
        voice = voice_named(new.voice, document) if new.voice else usual
        try:
            export = exports.begin_export(
                document=document, person=user, kind=new.kind, voice=voice, chapters=new.chapters
            )
        except exports.ExportRefused as refused:
            raise Problem(409, str(refused)) from None
        return 202, out(export)

    return idempotency.answered(request, begun)


@router.get(E, auth=READS, response=Page[ExportOut], summary="List its exports")
def exported(request: HttpRequest, uuid: UUID, part: Query[Part]) -> dict[str, Any]:
    document = get_object_or_404(visible(request), uuid=uuid)
    own = Export.objects.visible_to(person(request)).filter(document=document)
    page = part_of(own, part)
    return {**page, "items": list(map(out, page["items"]))}


@router.get(E + "/{uuid:id}", auth=READS, response=ExportOut, summary="Follow an export")
def export(request: HttpRequest, uuid: UUID, id: UUID) -> ExportOut:
    return out(_own(request, uuid, id))


@router.delete(E + "/{uuid:id}", auth=WRITES, response={204: None}, summary="Delete an export")
def delete_export(request: HttpRequest, uuid: UUID, id: UUID) -> Status[None]:
    """One that is under way is stopped."""
    found = _own(request, uuid, id)
    if found.is_under_way:
        exports.stop_export(export=found)
    exports.delete_export(export=found)
    return Status(204, None)


@router.get(E + "/{uuid:id}/file", auth=READS, summary="Fetch its file", openapi_extra=FILE)
def file(request: HttpRequest, uuid: UUID, id: UUID) -> HttpResponseBase:
    """With Range and ETag. 404 until it is done."""
    found = _own(request, uuid, id)
    if found.status != Export.Status.DONE:
        raise Http404
    try:
        stored = open_stored(str(found.file.name), found.bytes)
    except SoundGone:
        raise Http404 from None
    headers = {
        "Content-Type": "application/octet-stream",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": content_disposition_header(True, _name(found)) or "attachment",
    }
    etag = f'"{found.uuid.hex}"'
    return file_response(request, stored, size=found.bytes, etag=etag, headers=headers)


def _name(export: Export) -> str:
    extension = str(export.file.name).rpartition(".")[2]
    return f"{stem(export.document.name) or 'document'}.{extension}"


def _own(request: HttpRequest, document: UUID, pk: UUID) -> Export:
    own = Export.objects.visible_to(person(request))
    return get_object_or_404(own, uuid=pk, document__uuid=document)


def out(export: Export) -> ExportOut:
    voice = export.voice
    return ExportOut(
        id=export.uuid,
        kind=export.kind,
        voice=f"{voice.speech_model.model_slug}/{voice.voice_slug}" if voice else "",
        status=export.status,
        progress=export.progress,
        error=export.error,
        bytes=export.bytes,
        duration_ms=export.duration_ms,
        created_at=export.created_at,
        expires_at=export.expires_at,
    )
