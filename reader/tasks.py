"""Celery entry points."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from billiard.exceptions import SoftTimeLimitExceeded
from celery import shared_task
from django.core import mail
from django.db.models import Q

from tts import clock, synthesis
from tts import tasks as tts_tasks
from tts.models import AudioVariant
from tts.voices import previews

from . import budget, deleting, delivering, preparing, reset_links
from .exporting import files as export_files
from .exporting import job
from .finding import passages
from .ingestion import growing, rereading, speaking, turns
from .ingestion.importing import import_document as run_import
from .models import (
    Block,
    Delivery,
    Document,
    Export,
    Picture,
    Preparation,
    Repeat,
    SpokenText,
    User,
)

# So long may an import wait for its turn before its message is taken for lost.
MESSAGE_IS_LOST_AFTER = timedelta(seconds=30)
ORPHAN_BATCH = 500
WAIT_FOR_FETCH_SECONDS = 2
# So often may a turn find that others were sooner.
MOST_LOOKS = 20
PREPARATION = "preparation"  # its queue
FIRST_TURN = 1  # of an export


@shared_task
def look_after() -> None:
    """Give back what dead workers hold, and go on with documents that are still being written."""
    do_all(synthesis.recover, growing.look_after)


@shared_task
def resume() -> None:
    """Go on with all whose worker or message was lost."""
    do_all(
        tts_tasks.resume_downloads,
        resume_imports,
        resume_rereading,
        resume_preparations,
        resume_exports,
        resume_speaking,
    )


def do_all(*steps: Callable[[], object]) -> None:
    """Do each of these, though one before it fails. Raises what failed."""
    failures = []
    for step in steps:
        try:
            step()
        except SoftTimeLimitExceeded:
            raise  # there is no time for others
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Not all could be looked after", failures)


@shared_task
def import_document(document_id: int) -> None:
    """Make the blocks of what is next from its source.

    A message is a turn: which document it was sent for does not matter. There are as many of them
    as documents that wait, and accounts take turns.
    """
    for _ in range(MOST_LOOKS):
        for document in turns.waiting():
            if document.needs_fetching and not turns.may_fetch():
                continue
            turns.note(document)
            try:
                if run_import(document):
                    passages.settle()
                    return
            except turns.NoSlot:
                continue
            break  # another worker was sooner: the next of this account may wait, look again
        else:
            break
    if Document.objects.lost_or_new().exists():
        # All that waits has to be fetched, and as much as may be is: the turn comes again.
        import_document.apply_async((document_id,), countdown=WAIT_FOR_FETCH_SECONDS)


def resume_imports() -> None:
    """Start again the imports whose worker or message was lost."""
    waiting = clock.now() - MESSAGE_IS_LOST_AFTER
    for document in Document.objects.lost_or_new().filter(changed_at__lt=waiting):
        import_document.delay(document.pk)


@shared_task
def read_again(document_id: int) -> None:
    """Make a document's blocks anew by today's rules."""
    document = Document.objects.to_reread().filter(pk=document_id).first()
    if document:
        rereading.read_again(document)
        passages.settle()


def resume_rereading() -> None:
    """Send again the documents to be read again whose worker or message was lost."""
    now = clock.now()
    for document in Document.objects.to_reread().filter(
        reread_wanted__lt=now - MESSAGE_IS_LOST_AFTER
    ):
        if Document.objects.to_reread().filter(pk=document.pk).update(reread_wanted=now):
            read_again.delay(document.pk)


@shared_task
def prepare_document(document_id: int, turn: int) -> None:
    """Make a document's sound ahead, for a turn; the next turn comes behind whoever else waits.

    A turn is taken once: of messages that were sent twice one leads on.
    """
    preparation = (
        Preparation.objects.present()
        .select_related("document", "voice", "user")
        .filter(document=document_id, turn=turn)
        .first()
    )
    if preparation and preparing.prepare(preparation):
        send_for_turn(preparation)


def send_for_turn(preparation: Preparation) -> None:
    """Put a preparation's turn into the queue."""
    prepare_document.apply_async((preparation.document_id, preparation.turn), queue=PREPARATION)


def resume_preparations() -> None:
    """Go on with the preparations whose worker or message was lost."""
    now = clock.now()
    lost = Q(lease_until__lt=now) | Q(lease_until=None, changed_at__lt=now - MESSAGE_IS_LOST_AFTER)
    running = Preparation.objects.present().filter(lost, status=Preparation.Status.RUNNING)
    for preparation in running:
        # A message that only waits for its turn is sent again so often, and not more.
        if running.filter(pk=preparation.pk).update(lease_until=None, changed_at=now):
            send_for_turn(preparation)


@shared_task
def export_document(export_id: int, turn: int) -> None:
    """Make an export, for a turn; the next turn comes behind whoever else waits.

    A turn is taken once: of messages that were sent twice one leads on.
    """
    export = (
        Export.objects.present()
        .select_related("document", "owner")
        .filter(pk=export_id, turn=turn)
        .first()
    )
    if export and job.run(export):
        if export.turn == FIRST_TURN:
            assist_export.delay(export.pk)
        send_export(export)


@shared_task
def assist_export(export_id: int) -> None:
    """Help with an export for a turn. Once lost it is not sent again: it goes on without."""
    export = Export.objects.select_related("document", "owner").filter(pk=export_id).first()
    if export and job.assist(export):
        assist_export.delay(export_id)


def send_export(export: Export) -> None:
    """Put an export's turn into the queue."""
    export_document.delay(export.pk, export.turn)


def resume_exports() -> None:
    """Go on with the exports whose worker or message was lost."""
    now = clock.now()
    lost = Q(lease_until__lt=now) | Q(lease_until=None, changed_at__lt=now - MESSAGE_IS_LOST_AFTER)
    waiting = Export.objects.present().under_way().filter(lost)
    for export in waiting:
        # A message that only waits for its turn is sent again so often, and not more.
        if waiting.filter(pk=export.pk).update(lease_until=None, changed_at=now):
            send_export(export)


@shared_task
def delete_expired_exports() -> None:
    """Delete the exports that were kept for as long as they are kept."""
    Export.objects.filter(expires_at__lt=clock.now()).delete()


@shared_task
def speak_again() -> None:
    """Have the blocks of the next document that owes it follow its rules and lexicon.

    A message is a turn: what is owed stands in the database. The next turn comes behind others.
    """
    document = Document.objects.speech_owed().order_by("speech_lease_until", "changed_at").first()
    if document:
        with suppress(speaking.LeaseLost):  # whoever has it now does it
            speaking.speak_again(document)
        if Document.objects.speech_owed().exists():
            speak_again.delay()


def resume_speaking() -> None:
    """Send a turn for what is owed, if its message or worker was lost."""
    if Document.objects.speech_owed().exists():
        speak_again.delay()


@shared_task
def delete_discarded() -> None:
    """Delete for good what was deleted a while ago."""
    deleting.delete_discarded()


@shared_task
def purge() -> None:
    """Delete for good what is to be deleted, or go on where a worker that died left it."""
    deleting.purge()


@shared_task
def settle_passages() -> None:
    """Put into the index of words what others than imports noted beside it."""
    passages.settle()


@shared_task
def deliver(delivery_id: str) -> None:
    """Tell an address of a person's program something."""
    found = Delivery.objects.select_related("webhook").filter(pk=delivery_id).first()
    if found:
        delivering.deliver(found)


@shared_task
def resume_deliveries() -> None:
    """Send what is due: its pause is over, or its worker or message was lost."""
    delivering.look_after()


@shared_task
def forget() -> None:
    """Forget the requests of programs that nobody sends again, and what was told long ago."""
    do_all(Repeat.objects.forgotten().delete, delivering.forget)


@shared_task
def clear_orphans() -> None:
    """Delete sounds that no document has a text for any more, and no program's account."""
    texts = Block.objects.exclude(text_hash="").values("text_hash")
    SpokenText.objects.expired().delete()
    spoken = SpokenText.objects.kept().values("text_hash")
    orphans = (
        AudioVariant.objects.exclude(text_hash__in=texts)
        .exclude(text_hash__in=spoken)
        .exclude(text_hash__in=previews.text_hashes())
    )
    synthesis.delete(orphans.filter(created_at__lt=clock.now() - timedelta(hours=1))[:ORPHAN_BATCH])


@shared_task
def keep_sounds_to_budget() -> None:
    """Delete the sounds heard longest ago while all take up too much."""
    budget.keep_sounds_to_budget()


@shared_task
def sweep_files() -> None:
    """Delete files that belong to nothing, and were not just stored."""
    synthesis.sweep_sounds()
    synthesis.sweep(
        "uploads",
        lambda names: Document.objects.filter(source__in=names).values_list("source", flat=True),
    )
    synthesis.sweep(
        "pictures",
        lambda names: Picture.objects.filter(file__in=names).values_list("file", flat=True),
    )
    synthesis.sweep(export_files.FOLDER, export_files.known)


@shared_task
def delete_person(user_id: int) -> None:
    """Delete a person who wanted their account to be deleted, with everything."""
    if user := User.objects.filter(pk=user_id, leaving_at__isnull=False).first():
        deleting.delete_person(user)


@shared_task
def resume_leaving() -> None:
    """Go on with the people whose worker or message was lost."""
    waiting = clock.now() - MESSAGE_IS_LOST_AFTER
    for pk in User.objects.filter(leaving_at__lt=waiting).values_list("pk", flat=True):
        delete_person.delay(pk)


# A mail server that is away is tried for an hour or so.
by_mail = shared_task(
    autoretry_for=(OSError,), retry_backoff=5, retry_backoff_max=600, max_retries=12
)


@by_mail
def send_mail(to: str, subject: str, body: str) -> None:
    mail.send_mail(subject, body, None, [to])


@by_mail
def send_reset_link(address: str, site: str) -> None:
    """Send a link for a new password to whoever confirmed the address."""
    reset_links.mail_reset_link(address=address, site=site)
