"""Requests are answered in a few threads that stay, each with its connection to the database."""

import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.decorators import login_not_required
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, reset_queries
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

from config import urls
from config.asgi import application
from config.http import THREADS
from reader.models import User

gate = threading.Event()


@login_not_required
def where(request):
    connection.ensure_connection()
    return JsonResponse([threading.get_ident(), id(connection.connection)], safe=False)


@login_not_required
def waits(request):
    gate.wait(30)
    return HttpResponse("done")


@login_not_required
async def looks(request):
    count = await User.objects.acount()
    again = await sync_to_async(User.objects.count)()
    return HttpResponse(f"{count} {again}")


@login_not_required
async def waits_too(request):
    while not gate.is_set():
        await asyncio.sleep(0.01)
    return HttpResponse(str(await User.objects.acount()))


@login_not_required
def reads(request):
    return StreamingHttpResponse(iter([b"three ", b"four"]))


@login_not_required
async def streams(request):
    async def pieces():
        for piece in (b"one ", b"two"):
            await asyncio.sleep(0)
            yield piece

    return StreamingHttpResponse(pieces())


@login_not_required
def fails(request):
    raise RuntimeError


VIEWS = (where, waits, waits_too, reads, looks, streams, fails)
urlpatterns = [*urls.urlpatterns, *(path(f"{view.__name__}/", view) for view in VIEWS)]


@pytest.fixture(autouse=True)
def _views(settings):
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["testserver"]
    # Django's test client and its counting of queries connect them anew; no server does.
    for receiver in (close_old_connections, reset_queries):
        request_started.disconnect(receiver)
    request_finished.disconnect(close_old_connections)
    gate.clear()
    yield
    gate.set()


def ask(name: str) -> ApplicationCommunicator:
    scope = {
        "type": "http", "method": "GET", "path": f"/{name}/", "raw_path": f"/{name}/".encode(),
        "query_string": b"", "headers": [(b"host", b"testserver")], "server": ("testserver", 80),
    }  # fmt: skip
    return ApplicationCommunicator(application, scope)


async def answer_to(communicator: ApplicationCommunicator) -> tuple[int, bytes]:
    await communicator.send_input({"type": "http.request", "body": b""})
    head = await communicator.receive_output(10)
    body, more = b"", True
    while more:
        part = await communicator.receive_output(10)
        body += part.get("body", b"")
        more = part.get("more_body", False)
    return head["status"], body


async def get(name: str) -> tuple[int, bytes]:
    communicator = ask(name)
    answer = await answer_to(communicator)
    await communicator.wait(10)
    return answer


@pytest.mark.django_db(transaction=True)
async def test_requests_share_a_few_threads_and_their_connections(empty_pool):
    seen = {(await get("where"))[1] for _ in range(4 * THREADS)}
    assert len(seen) <= THREADS


@pytest.mark.django_db(transaction=True)
async def test_one_that_waits_holds_up_no_other():
    waiting = [asyncio.create_task(get("waits")) for _ in range(THREADS - 1)]
    await asyncio.sleep(0.1)
    assert (await get("where"))[0] == 200
    gate.set()
    assert await asyncio.gather(*waiting) == [(200, b"done")] * (THREADS - 1)


@pytest.mark.django_db(transaction=True)
async def test_asynchronous_views_that_wait_hold_up_nothing():
    waiting = [asyncio.create_task(get("waits_too")) for _ in range(2 * THREADS)]
    await asyncio.sleep(0.1)
    assert (await get("where"))[0] == 200
    gate.set()
    assert await asyncio.gather(*waiting) == [(200, b"0")] * (2 * THREADS)


@pytest.mark.django_db(transaction=True)
async def test_a_file_does_not_wait_for_what_sockets_ask_of_the_database():
    busy = asyncio.create_task(sync_to_async(gate.wait)(30))
    await asyncio.sleep(0.1)
    communicator = ask("reads")
    assert await answer_to(communicator) == (200, b"three four")
    assert not busy.done()
    gate.set()
    await communicator.wait(10)
    assert await busy


@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_view_asks_the_database():
    assert await get("looks") == (200, b"0 0")


@pytest.mark.django_db(transaction=True)
async def test_a_view_may_stream():
    assert await get("streams") == (200, b"one two")


@pytest.mark.django_db(transaction=True)
async def test_a_defect_is_answered(static_files):
    assert (await get("fails"))[0] == 500
    assert (await get("where"))[0] == 200
