"""What a worker does while it writes rows: nothing that takes long, for SQLite is locked then."""

import subprocess
import sys
from pathlib import Path

import pytest

from reader.services.documents import add_document
from reader.services.growing import begin_growing
from reader.services.webhooks import add_webhook

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]
# As a worker is when its first task comes. Prints each module that is loaded in a transaction.
WORKER = """
import sys
import django
django.setup()
from django.db import connection
from config.celery import app
app.loader.import_default_modules()

class Watch:
    def find_spec(self, name, *_):
        if connection.in_atomic_block:
            print(name)

sys.meta_path.insert(0, Watch())
from reader.models import Document
from reader.services import growing
from reader.tasks import import_document
document = Document.objects.get()
if document.growing:
    growing.append_text(document=document, text="The last words.", finished=True)
import_document(document.pk)
document.refresh_from_db()
assert (document.status, document.growing) == ("ready", False), (document.status, document.error)
"""


@pytest.mark.parametrize("grows", [False, True])
def test_the_first_import_of_a_worker_loads_nothing_while_it_writes(alice, grows, settings):
    """Niced, beside others that compute, loading 400 modules took 20 s: writers gave up."""
    settings.MEDIA_ROOT = settings.DATA_DIR / "files"  # the worker's
    add_webhook(user=alice, url="https://example.org/", events=["import.done"])
    if grows:
        begin_growing(owner=alice, text="The first words.")
    else:
        add_document(owner=alice, text="A text.")
    worker = subprocess.run(
        [sys.executable, "-c", WORKER], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert worker.returncode == 0, worker.stderr
    assert not [line for line in worker.stdout.splitlines() if "=" not in line]
