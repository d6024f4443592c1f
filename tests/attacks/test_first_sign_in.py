"""The link that signs the first person in: once, and nobody else."""

import re
import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client

from reader.models import User
from reader.services.first_sign_in import link_path, use_link

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("static_files"),
]


def start() -> str:
    """Return what a start prints."""
    said = StringIO()
    call_command("prepare", "--address", "http://127.0.0.1:8123/", stdout=said)
    return said.getvalue()


def linked(said: str) -> str:
    found = re.search(r"once, by this link: http://127\.0\.0\.1:8123(/\S+)", said)
    assert found, said
    return found[1]


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_the_link_is_printed_until_it_was_used_and_signs_in_once():
    path = linked(start())
    assert linked(start()) == path
    reader, thief = Client(), Client()
    assert reader.get(path).headers["Location"] == "/"
    assert is_signed_in(reader)
    used = thief.get(path)
    assert used.status_code == 410
    assert "manage.py changepassword reader" in used.content.decode()
    assert not is_signed_in(thief)
    said = start()
    assert "/accounts/first/" not in said
    assert "password" in said


def test_who_came_by_the_link_chooses_a_password():
    client = Client()
    client.get(linked(start()))
    data = {"new_password1": "a-long-password", "new_password2": "a-long-password"}
    assert client.post("/accounts/password_change/", data).status_code == 302
    assert is_signed_in(client)
    assert Client().login(username="reader", password="a-long-password")
    page = client.get("/accounts/password_change/").content.decode()
    assert "old_password" in page, "Whoever has one is asked for it."


def test_a_link_is_not_guessed_and_names_no_other_installation(settings):
    path = linked(start())
    for other in (path[:-2] + "x/", "/accounts/first/reader/", f"/accounts/first/{'0' * 40}/"):
        assert Client().get(other).status_code == 410
    settings.SECRET_KEY = "another key, which is long enough to be one"
    assert Client().get(path).status_code == 410


def test_a_password_that_is_set_on_the_machine_ends_the_link():
    path = linked(start())
    reader = User.objects.get(username="reader")
    reader.set_password("a-long-password")
    reader.save()
    assert Client().get(path).status_code == 410
    assert "by this link" not in start()


def test_of_two_at_once_one_gets_in():
    start()
    token = link_path().split("/")[-2]
    begin, got = threading.Barrier(4), []

    def use() -> None:
        begin.wait()
        got.append(use_link(token))
        connections.close_all()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([user for user in got if user]) == 1
