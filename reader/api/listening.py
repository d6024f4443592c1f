"""Where a person is in a document, and what they marked in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from ..forms.annotations import AnnotationForm
from ..models import Annotation, Position
from ..services import annotating
from ..services.preferences import move_to
from .access import READS, WRITES, person, visible
from .paging import Part, part_of
from .problems import of_form
from .shapes import AnnotationOut, NewAnnotation, Note, Page, Place, PlaceOut

router = Router(tags=["Places and notes"])


@router.get(
    "/documents/{uuid:uuid}/position", auth=READS, response=PlaceOut, summary="Read the place"
)
def position(request: HttpRequest, uuid: UUID) -> dict[str, int]:
    """Where its person is in it."""
    document = get_object_or_404(visible(request), uuid=uuid)
    found = Position.objects.filter(user=person(request), document=document).first()
    return {
        "block_idx": found.block_idx if found else 0,
        "offset_ms": found.offset_ms if found else 0,
    }


@router.put(
    "/documents/{uuid:uuid}/position", auth=WRITES, response=PlaceOut, summary="Keep the place"
)
def keep_position(request: HttpRequest, uuid: UUID, place: Place) -> dict[str, int]:
    """Open pages are told. Beyond the end, it is the last block."""
    document = get_object_or_404(visible(request), uuid=uuid)
    idx = min(place.block_idx, max(0, document.block_count - 1))
    move_to(user=person(request), document=document, block_idx=idx, offset_ms=place.offset_ms)
    return {"block_idx": idx, "offset_ms": place.offset_ms}


@router.get(
    "/documents/{uuid:uuid}/annotations",
    auth=READS,
    response=Page[AnnotationOut],
    summary="List what is marked",
)
def marked(request: HttpRequest, uuid: UUID, part: Query[Part]) -> dict[str, Any]:
    """Bookmarks and highlights, in reading order."""
    document = get_object_or_404(visible(request), uuid=uuid)
    return part_of(Annotation.objects.filter(document=document, user=person(request)), part)


@router.post(
    "/documents/{uuid:uuid}/annotations",
    auth=WRITES,
    response={200: AnnotationOut, 201: AnnotationOut},
    summary="Mark a passage",
)
def annotate(request: HttpRequest, uuid: UUID, new: NewAnnotation) -> Status[Annotation]:
    """What is marked already is answered with 200."""
    document = get_object_or_404(visible(request), uuid=uuid)
    own = Annotation.objects.filter(document=document, user=person(request))
    form = AnnotationForm(new.model_dump(), document=document, count=own.count())
    if not form.is_valid():
        raise of_form(form, 409)  # it is well-formed, and not so in this document
    one, is_new = annotating.annotate(user=person(request), document=document, **form.cleaned_data)
    return Status(201 if is_new else 200, one)


@router.patch(
    "/documents/{uuid:uuid}/annotations/{int:pk}",
    auth=WRITES,
    response=AnnotationOut,
    summary="Change a note",
)
def change_note(request: HttpRequest, uuid: UUID, pk: int, note: Note) -> Annotation:
    found = _own(request, uuid, pk)
    if not annotating.change_note(found, note.note):
        raise Http404
    return found


@router.delete(
    "/documents/{uuid:uuid}/annotations/{int:pk}",
    auth=WRITES,
    response={204: None},
    summary="Take a mark away",
)
def delete_annotation(request: HttpRequest, uuid: UUID, pk: int) -> Status[None]:
    _own(request, uuid, pk).delete()
    return Status(204, None)


def _own(request: HttpRequest, uuid: UUID, pk: int) -> Annotation:
    document = get_object_or_404(visible(request), uuid=uuid)
    return get_object_or_404(Annotation, pk=pk, document=document, user=person(request))
