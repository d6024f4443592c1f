"""Speech servers as staff set them up, and as people who listen notice them."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from reader.models import User
from tests.conftest import KEY
from tests.speech_server import Answer
from tts import synthesis
from tts.connections import redis_client
from tts.demand import breaker
from tts.demand.usage import today
from tts.models import SpeechModel, Usage, Voice

from .conftest import INLINE, want

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

ADD = "admin:tts_speechmodel_add"


def form(model: SpeechModel | None = None, **changes) -> dict[str, str]:
    """Return what the admin's form sends."""
    data = {
        "model_slug": "home", "name": "At home", "engine": "openai", "engine_model": "tones",
        "base_url": "", "api_key": "", "parameters": "{}", "concurrency": "0",
        "requests_per_minute": "0", "timeout_seconds": "60", "max_characters": "4000",
        "price_per_million": "0", "response_format": "", "voice_list": "", "enabled": "on",
    }  # fmt: skip
    return data | changes


def change(model: SpeechModel) -> str:
    return reverse("admin:tts_speechmodel_change", args=[model.pk])


def connection(client: Client, model: SpeechModel) -> str:
    page = client.post(reverse("admin:tts_speechmodel_connection", args=[model.pk]))
    assert page.status_code == 200
    return page.content.decode()


# --- the key --------------------------------------------------------------------------------------


def test_a_key_is_written_and_never_shown(staff, server):
    staff.post(reverse(ADD), form(base_url=server.address, api_key=KEY))
    model = SpeechModel.objects.get(model_slug="home")
    assert model.api_key == KEY
    for address in (
        change(model),
        reverse("admin:tts_speechmodel_changelist"),
        reverse("admin:tts_speechmodel_history", args=[model.pk]),
        reverse("admin:tts_speechmodel_connection", args=[model.pk]),
    ):
        page = staff.get(address).content.decode()
        assert KEY not in page
        assert model.sealed_key not in page
    assert "There is one. It is shown to nobody" in staff.get(change(model)).content.decode()


def test_a_key_stays_when_nothing_is_entered_and_goes_when_told(staff, server_model):
    address = server_model.base_url
    staff.post(change(server_model), form(name="Another name", base_url=address))
    model = SpeechModel.objects.get(pk=server_model.pk)
    assert (model.name, model.api_key) == ("Another name", KEY)
    staff.post(change(model), form(forget_key="on", base_url=address))
    assert SpeechModel.objects.get(pk=model.pk).api_key == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"base_url": "http://me:secret@localhost/v1"}, "Enter the key in its own field"),
        ({"base_url": "not an address"}, "There is a blank in the address."),
        ({"base_url": "ftp://localhost/v1"}, "It must begin with http:// or https://"),
        ({"api_key": "two words"}, "There is a blank or a line break in the key"),
        ({"api_key": "sk-…"}, "a letter or sign that no key has"),
        ({"parameters": "[1]"}, "Write names and values"),
        ({"parameters": '{"voice": "x"}'}, "has a field of its own"),
        ({"timeout_seconds": "0"}, "greater than or equal to 1"),
        ({"max_characters": "1"}, "greater than or equal to 50"),
    ],
)
def test_what_cannot_work_is_not_saved(staff, db, changes, told):
    page = staff.post(reverse(ADD), form(**changes))
    assert told in page.content.decode()
    assert not SpeechModel.objects.filter(model_slug="home").exists()


def test_what_was_entered_wrongly_does_not_show_the_key(staff, db):
    page = staff.post(reverse(ADD), form(base_url="nonsense", api_key=KEY))
    assert KEY not in page.content.decode()


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ("http://kokoro:8880/v1", "http://kokoro:8880/v1"),
        ("my_tts:8880//v1/audio/speech?x=1 ", "http://my_tts:8880/v1"),
        ("http://[::1]:8880/v1", "http://[::1]:8880/v1"),
    ],
)
def test_an_address_and_a_key_are_kept_as_they_are_used(staff, db, entered, kept):
    page = staff.post(
        reverse(ADD), form(base_url=entered, api_key=f'\u200b"Bearer {KEY}"\r\n'), follow=True
    )
    model = SpeechModel.objects.get(model_slug="home")
    assert (model.base_url, model.api_key) == (kept, KEY)
    mended = f"The address is kept as {kept}." in page.content.decode()
    assert mended == (entered != kept)


FORGOTTEN = "The key was forgotten, since the address is now that of another server"


@pytest.mark.parametrize(
    "address",
    ["http://evil.example/v1", "http://127.0.0.1:9/v1", "https://127.0.0.1:{port}/v1", ""],
    ids=["host", "port", "scheme", "OpenAI itself"],
)
def test_the_key_does_not_follow_the_address_to_another_server(
    staff, server_model, server, address
):
    port = server.address.split(":")[2].removesuffix("/v1")
    data = form(base_url=address.format(port=port))
    page = staff.post(change(server_model), data, follow=True).content.decode()
    model = SpeechModel.objects.get(pk=server_model.pk)
    assert (model.api_key, FORGOTTEN in page) == ("", True)


def test_the_key_stays_with_another_path_of_its_server_and_goes_with_a_new_one(
    staff, server_model, server
):
    data = form(base_url=server.address + "/other")
    page = staff.post(change(server_model), data, follow=True).content.decode()
    assert SpeechModel.objects.get(pk=server_model.pk).api_key == KEY
    data = form(base_url="http://127.0.0.1:9/v1", api_key="sk-another")
    page += staff.post(change(server_model), data, follow=True).content.decode()
    assert SpeechModel.objects.get(pk=server_model.pk).api_key == "sk-another"
    assert FORGOTTEN not in page


# --- test connection ------------------------------------------------------------------------------


def test_a_connection_that_works_speaks(staff, server_model, server):
    page = connection(staff, server_model)
    assert "It works." in page
    assert not INLINE.search(page.partition('id="content-main"')[2])
    assert "127.0.0.1 is 127.0.0.1." in page
    assert "3 voices: 300, 500, 700." in page
    assert re.search(r"300 spoke: first sound after [\d,]+ ms, [\d.]+ times as fast", page)
    (sound,) = re.findall(r'<audio[^>]* src="([^"]+)"', page)
    answer = staff.get(sound)
    assert answer["Content-Type"].startswith("audio/")
    assert answer.content.startswith(b"\x1aE\xdf\xa3")
    assert len(server.spoken) == 1
    assert Client().get(sound).status_code == 302


@pytest.mark.parametrize(
    ("answer", "told", "advised"),
    [
        (Answer(401, body=json.dumps({"error": {"message": f"Bad key {KEY}"}})),
         "The speech server refuses the key.", "Check the key."),
        (Answer(404, body='{"detail":"Not Found"}'),
         "The speech server does not know this way of asking.", "mostly ends in /v1"),
        (Answer(404, body='{"error":{"message":"No such model","code":"model_not_found"}}'),
         "The speech server does not have the model", "as the server writes it"),
        (Answer(400, body='{"detail":{"message":"Voice 300 not found"}}'),
         "The speech server does not have this voice.", "Voice 300 not found"),
        (Answer(body="<html>Hello", content_type="text/html"),
         "answered with a web page instead of sound", "mostly ends in /v1"),
        (Answer(body="not sound at all, no", content_type="audio/mpeg"),
         "sent something that is not sound", ""),
        (Answer(hangs_at=0), "takes too long to answer", "It said nothing for 1 seconds"),
        (Answer(pace=1.05), "first sound after", "Too slow to listen to while it speaks"),
    ],
    ids=["401", "404", "no model", "no voice", "web page", "not sound", "hangs", "slow"],
)  # fmt: skip
def test_what_is_wrong_is_said_in_plain_words(staff, server_model, server, answer, told, advised):
    server.usual = answer
    page = connection(staff, server_model)
    assert told in page
    assert advised in page
    assert KEY not in page
    assert ("It works." in page) == (answer.pace > 0)


@pytest.mark.parametrize(
    ("address", "told", "advised"),
    [
        ("http://no-such-host.invalid/v1", "The name no-such-host.invalid is not known here.",
         "name the other container"),
        ("http://127.0.0.1:9/v1", "Nothing listens on port 9 of 127.0.0.1.",
         "Is the server running"),
        ("https://127.0.0.1:{port}/v1", "What listens on port {port} does not speak https.",
         "with http:// in front"),
    ],
    ids=["name", "refused", "TLS"],
)  # fmt: skip
def test_what_is_wrong_with_an_address_is_said(staff, server_model, server, address, told, advised):
    port = server.address.split(":")[2].removesuffix("/v1")
    server_model.base_url = address.format(port=port)
    server_model.save()
    page = connection(staff, server_model)
    assert told.format(port=port) in page
    assert advised in page
    assert "It works." not in page
    assert not server.spoken


def test_an_address_without_v1_is_told_and_the_right_one_is_a_press_away(
    staff, server_model, server
):
    right = server_model.base_url
    server_model.base_url = right.removesuffix("/v1")
    server_model.save()
    page = connection(staff, server_model)
    assert "address lacks /v1 at its end" in page
    assert f"It answers at {right}: enter that." in page
    assert "does not list its voices" not in page
    assert f'name="address" value="{right}"' in page
    address = reverse("admin:tts_speechmodel_connection", args=[server_model.pk])
    staff.post(address, {"address": "http://evil.example/v1"})
    assert SpeechModel.objects.get(pk=server_model.pk).base_url != "http://evil.example/v1"
    assert "It works." in staff.post(address, {"address": right}).content.decode()
    assert SpeechModel.objects.get(pk=server_model.pk).base_url == right


def test_a_test_that_passes_ends_an_outage(staff, server_model, server, document):
    server.usual = Answer(401, body="{}")
    voice = server_model.voices.get(voice_slug="300")
    want(document, voice)
    synthesis.take_turn(server_model)
    assert breaker.outages(server_model)
    changelist = reverse("admin:tts_speechmodel_changelist")
    assert "The speech server refuses the key." in staff.get(changelist).content.decode()
    server.usual = Answer()
    connection(staff, server_model)
    assert not breaker.outages(server_model)
    assert "in order" in staff.get(changelist).content.decode()


def test_only_who_may_change_models_tests_them(server_model, server, as_alice):
    for name in ("connection", "voices"):
        address = reverse(f"admin:tts_speechmodel_{name}", args=[server_model.pk])
        assert as_alice.post(address).status_code == 302
    sam = User.objects.create_user("sam", password="s-long-password", is_staff=True)
    client = Client()
    client.force_login(sam)
    for name in ("connection", "voices"):
        address = reverse(f"admin:tts_speechmodel_{name}", args=[server_model.pk])
        assert client.post(address).status_code == 403
    assert not server.requests


def test_voices_are_asked_for_by_a_button(staff, server_model, server):
    server.voice_lists = {"/v1/audio/voices": {"voices": ["300", "900"]}}
    address = reverse("admin:tts_speechmodel_voices", args=[server_model.pk])
    page = staff.post(address, follow=True).content.decode()
    assert "Server: 2 voices, 1 of them new, 2 no longer there." in page
    assert Voice.objects.usable().filter(speech_model=server_model).count() == 2


# --- use ------------------------------------------------------------------------------------------


@pytest.fixture
def used(server_model, alice, bob) -> None:
    server_model.price_per_million = 15
    server_model.save()
    for user, characters in ((alice, 1_234), (bob, 77_000)):
        Usage.objects.create(
            day=today(), account=str(user.pk), speech_model=server_model, sounds=2,
            characters=characters, milliseconds=90_000, cost="0.0185",
        )  # fmt: skip


def test_a_person_sees_their_own_use_only(as_alice, used, settings):
    settings.DAILY_CHARACTERS_PER_PERSON = 5_000
    page = as_alice.get(reverse("use_page")).content.decode()
    assert "1,234" in page
    assert "5,000" in page
    assert "77,000" not in page
    assert not INLINE.search(page)


def test_staff_see_everybodys_use(staff, used):
    page = staff.get(reverse("admin:tts_usage_changelist")).content.decode()
    assert "alice" in page
    assert "bob" in page
    assert "77000" in page.replace(",", "")
    assert "<svg" in page


# --- nothing of a key anywhere --------------------------------------------------------------------


def test_no_key_is_in_redis_after_all_that(staff, server_model, server):
    server.usual = Answer(401, body=json.dumps({"error": {"message": f"Bad key {KEY}"}}))
    connection(staff, server_model)
    client = redis_client()
    assert KEY not in repr([client.dump(key) for key in client.keys("*")])
