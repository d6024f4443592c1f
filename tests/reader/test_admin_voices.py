"""Speech models and voices in the admin."""

import re

import pytest
from django.urls import reverse

from tts import synthesis
from tts.models import AudioVariant, SpeechModel, Status, Voice

from .staff import act, fail, state_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]


def test_voices_and_models_are_switched_off_and_on(staff, tone_model):
    voices = list(Voice.objects.all()[:2])
    act(staff, "admin:tts_voice_changelist", "disable", voices)
    assert Voice.objects.usable().count() == 3
    act(staff, "admin:tts_voice_changelist", "enable", voices)
    assert Voice.objects.usable().count() == 5
    act(staff, "admin:tts_speechmodel_changelist", "disable", [tone_model])
    assert Voice.objects.usable().count() == 0
    act(staff, "admin:tts_speechmodel_changelist", "enable", [tone_model])
    assert Voice.objects.usable().count() == 5


@pytest.mark.parametrize("name", ["voice", "speechmodel"])
def test_what_has_sounds_is_not_deleted_and_the_page_says_why(staff, sounds, voice, name):
    chosen = voice if name == "voice" else voice.speech_model
    address = reverse(f"admin:tts_{name}_delete", args=[chosen.pk])
    assert "3 sounds. Switch it off instead" in staff.get(address).content.decode()
    assert staff.post(address, {"post": "yes"}).status_code == 200
    page = act(staff, f"admin:tts_{name}_changelist", "delete_selected", [chosen], post="yes")
    assert "3 sounds. Switch it off instead" in page.content.decode()
    assert Voice.objects.filter(pk=voice.pk).exists()
    synthesis.delete(sounds)
    assert staff.post(address, {"post": "yes"}).status_code == 302
    assert not Voice.objects.filter(pk=voice.pk).exists()


def test_a_model_is_asked_for_its_voices(staff, tone_model):
    Voice.objects.filter(voice_slug="tone-300").delete()
    page = act(staff, "admin:tts_speechmodel_changelist", "sync", [tone_model])
    assert "Tone: 5 voices, 1 of them new, 0 no longer there." in page.content.decode()
    assert Voice.objects.usable().count() == 5
    SpeechModel.objects.update(engine="vanished")
    page = act(staff, "admin:tts_speechmodel_changelist", "sync", [tone_model])
    assert "no engine &#x27;vanished&#x27;" in page.content.decode()


def test_a_model_has_one_of_the_engines_there_are(staff, tone_model):
    address = reverse("admin:tts_speechmodel_change", args=[tone_model.pk])
    page = staff.get(address).content.decode()
    choices = page.partition('name="engine"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(\w+)"', choices) == [
        "hibari", "espeak", "openai", "piper", "tone",
    ]  # fmt: skip


def test_a_model_that_came_by_itself_keeps_its_engine(staff, db):
    model = SpeechModel.objects.create(model_slug="narrator", name="Narrator", engine="narrator")
    address = reverse("admin:tts_speechmodel_change", args=[model.pk])
    page = staff.get(address).content.decode()
    choices = page.partition('name="engine"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(\w+)"', choices) == ["narrator"]


def test_failures_are_forgotten_when_the_model_is_edited(staff, tone_model, sounds):
    fail(sounds[0], "Wrong address.")
    address = reverse("admin:tts_speechmodel_change", args=[tone_model.pk])
    data = {
        "model_slug": "tone", "name": "Tone", "engine": "tone", "engine_model": "", "base_url": "",
        "parameters": "{}", "concurrency": "1", "requests_per_minute": "0", "timeout_seconds": "60",
        "max_characters": "4000", "price_per_million": "0", "response_format": "",
        "voice_list": "", "enabled": "on",
    }  # fmt: skip
    assert staff.post(address, data).status_code == 302
    variant = AudioVariant.objects.get(pk=sounds[0].pk)
    assert (variant.status, variant.error, variant.attempt) == (Status.QUEUED, "", 0)
    assert [state_of(variant) for variant in sounds[1:]] == ["cached", "cached"]
