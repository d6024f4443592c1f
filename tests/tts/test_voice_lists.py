"""What the servers that there are say of themselves, replayed from what they document."""

import json

import pytest

from tests.speech_server import Answer
from tts.engines.openai.voice_lists import MOST_VOICES, parse_voices
from tts.models import SpeechModel, Status, Voice
from tts.speech import SpeechError
from tts.voices import catalogue

from .conftest import make_all

# By server: the answer and what is understood of it, as (engine's name, name, language).
KOKORO_FASTAPI = (
    {"voices": ["af_heart", "bm_george", "zf_xiaoxiao", "jf_alpha", "af_v0nicole"]},
    [("af_heart", "Heart", "en-US"), ("bm_george", "George", "en-GB"),
     ("zf_xiaoxiao", "Xiaoxiao", "zh"), ("jf_alpha", "Alpha", "ja"),
     ("af_v0nicole", "V0nicole", "en-US")],
)  # fmt: skip
SPEACHES = (
    {
        "object": "list",
        "data": [
            {"id": "Systran/faster-whisper-small", "object": "model", "created": 1, "owned_by": "S",
             "task": "automatic-speech-recognition", "language": ["en"]},
            {"id": "speaches-ai/piper-de_DE-thorsten-medium", "object": "model",
             "task": "text-to-speech", "sample_rate": 22050,
             "voices": [{"name": "thorsten", "language": "de-de"}]},
            {"id": "speaches-ai/Kokoro-82M-v1.0-ONNX", "object": "model", "task": "text-to-speech",
             "sample_rate": 24000,
             "voices": [{"name": "af_heart", "language": "en-us", "gender": "female"},
                        {"name": "ff_siwis", "language": "fr-fr", "gender": "female"}]},
        ],
    },
    [("af_heart", "Heart", "en-us"), ("ff_siwis", "Siwis", "fr-fr")],
)  # fmt: skip
VLLM_OMNI = (
    {"voices": ["vivian", "ryan"],
     "uploaded_voices": [{"name": "my_clone", "consent": "c1", "created_at": 1, "file_size": 9,
                          "mime_type": "audio/wav"}]},
    [("vivian", "Vivian", "en"), ("ryan", "Ryan", "en"), ("my_clone", "My Clone", "en")],
)  # fmt: skip
CHATTERBOX = (
    {"voices": [{"name": "grandma", "filename": "grandma.mp3", "original_filename": "g.mp3",
                 "file_extension": ".mp3", "file_size": 1, "upload_date": "2025-06-01"}],
     "count": 1},
    [("grandma.mp3", "grandma", "en")],
)  # fmt: skip
CHATTERBOX_SERVER = (
    [{"display_name": "Emily", "filename": "Emily.wav"}],
    [("Emily.wav", "Emily", "en")],
)
OTHERS = (
    ["en_US-lessac-medium", "de-DE-KatjaNeural", "shimmer", {"id": "x1", "name": "Extra"}],
    [("en_US-lessac-medium", "Lessac", "en-US"), ("de-DE-KatjaNeural", "Katja", "de-DE"),
     ("shimmer", "Shimmer", "en"), ("x1", "Extra", "en")],
)  # fmt: skip

MLX_AUDIO = (
    {"object": "list", "data": [{"id": "af_heart", "name": "af_heart"}, {"id": "bf_emma"}]},
    [("af_heart", "Heart", "en-US"), ("bf_emma", "Emma", "en-GB")],
)
ALLTALK = (
    {"status": "success", "voices": ["female_01.wav", "Arnold.wav"]},
    [("female_01.wav", "Female 01", "en"), ("Arnold.wav", "Arnold", "en")],
)
AZURE = (
    [{"Name": "Microsoft Server Speech Text to Speech Voice (af-ZA, AdriNeural)",
      "DisplayName": "Adri", "LocalName": "Adri", "ShortName": "af-ZA-AdriNeural",
      "Gender": "Female", "Locale": "af-ZA"},
     {"Name": "Microsoft Server Speech Text to Speech Voice (de-DE, KatjaNeural)",
      "ShortName": "de-DE-KatjaNeural", "Locale": "de-DE"}],
    [("af-ZA-AdriNeural", "Adri", "af-ZA"), ("de-DE-KatjaNeural", "Katja", "de-DE")],
)  # fmt: skip
MISTRAL = (
    {"items": [{"id": "5f1c", "slug": "en_paul", "name": "Paul - Neutral", "languages": ["en_us"]}],
     "total": 1},
    [("5f1c", "Paul - Neutral", "en-us")],
)  # fmt: skip
LABELLED = (
    {"voices": [{"label": "Alice", "value": "voices/Alice.wav"}]},
    [("voices/Alice.wav", "Alice", "en")],
)
BY_LANGUAGE = (
    {"en": ["alloy", "ash"], "de": ["anna"], "pt_BR": [{"id": "x", "name": "Xuxa"}], "fr": []},
    [
        ("alloy", "Alloy", "en"),
        ("ash", "Ash", "en"),
        ("anna", "Anna", "de"),
        ("x", "Xuxa", "pt-BR"),
    ],
)
VOICES_BY_LANGUAGE = (
    {"voices": {"en": ["alloy"], "de": ["anna"]}},
    [("alloy", "Alloy", "en"), ("anna", "Anna", "de")],
)
BY_LANGUAGE_AND_SEX = (
    {"voices": {"English (US)": {"female": ["eve"], "male": [{"name": "bob"}]},
                "German": {"female": ["eva"]}}},
    [("eve", "Eve", "en"), ("bob", "Bob", "en"), ("eva", "Eva", "de")],
)  # fmt: skip
BY_SEX = (
    {"voices": {"female": ["eve"], "male": ["bob"]}},
    [("eve", "Eve", "en"), ("bob", "Bob", "en")],
)
BY_LANGUAGE_AND_NAME = (
    {
        "data": {
            "voices": {"en-us": {"af_heart": {"gender": "f"}}, "de": {"eva": "Eva Braun-Weiss"}}
        }
    },
    [("af_heart", "Heart", "en-us"), ("eva", "Eva Braun-Weiss", "de")],
)
LANGUAGES_WITH_VOICES = (
    {"languages": 2, "data": [{"language": "de", "voices": ["anna"]},
                              {"language": "fr", "voices": [{"name": "luc"}]}]},
    [("anna", "Anna", "de"), ("luc", "Luc", "fr")],
)  # fmt: skip
BY_MODEL = (
    {"voices": {"other": {"en": ["nova"]}, "speaches-ai/Kokoro-82M-v1.0-ONNX": {"de": ["anna"]}}},
    [("anna", "Anna", "de")],
)
BY_NAME = (
    {"voices": {"ash": {"languages": ["de", "en"]}, "eve": {}, "sky": ["fr"],
                "x1": {"name": "Extra", "language": {"code": "nl_NL", "family": "nl"}},
                "nova": "Nova the bright"}},
    [("ash", "Ash", "de"), ("eve", "Eve", "en"), ("sky", "Sky", "fr"), ("x1", "Extra", "nl-NL"),
     ("nova", "Nova the bright", "en")],
)  # fmt: skip
SHAPES = {
    "Kokoro-FastAPI": KOKORO_FASTAPI, "Speaches": SPEACHES, "vLLM-Omni": VLLM_OMNI,
    "Chatterbox TTS API": CHATTERBOX, "Chatterbox-TTS-Server": CHATTERBOX_SERVER, "others": OTHERS,
    "mlx-audio": MLX_AUDIO, "AllTalk": ALLTALK, "Azure": AZURE, "Mistral": MISTRAL,
    "labelled": LABELLED, "by language": BY_LANGUAGE, "voices by language": VOICES_BY_LANGUAGE,
    "by language and sex": BY_LANGUAGE_AND_SEX, "by sex": BY_SEX,
    "by language and name": BY_LANGUAGE_AND_NAME, "languages with voices": LANGUAGES_WITH_VOICES,
    "by model": BY_MODEL, "by name": BY_NAME,
}  # fmt: skip


@pytest.mark.parametrize(("answer", "understood"), SHAPES.values(), ids=SHAPES)
def test_the_list_of_a_server_is_understood(answer, understood):
    voices = parse_voices(answer, "speaches-ai/Kokoro-82M-v1.0-ONNX")
    assert [(each.engine_name, each.name, each.language) for each in voices] == understood


@pytest.mark.parametrize(
    "answer",
    [None, "af_heart", 7, [], {}, {"voices": []}, {"voices": None}, {"voices": [None, 3, {}, ""]},
     {"object": "list", "data": [{"id": "tts-1", "object": "model"}]}, {"voices": ["a\x00b"]},
     {"detail": "Not Found"}, {"voices": ["x" * 101]},
     {"detail": [{"loc": ["query"], "msg": "No"}]},
     {"error": {"message": "No", "type": "x"}}, {"status": "ok", "features": {"tts": {"a": []}}},
     {"en": [], "de": {}}, {"object": "list", "data": []}],
    ids=repr,
)  # fmt: skip
def test_what_lists_no_voices_is_no_list(answer):
    with pytest.raises(ValueError, match="no voices are listed"):
        parse_voices(answer)


def test_models_are_no_voices():
    models = {"data": [{"id": "tts-1"}, {"id": "whisper", "name": "Whisper", "language": ["en"]}]}
    with pytest.raises(ValueError, match="no voices are listed"):
        parse_voices(models, lists_models=True)


def test_voices_have_slugs_of_their_own_however_they_are_named():
    names = ["Ana María", "ana-maria", "ana maria.wav", "声", "☃", "a" * 100, "A" * 100]
    voices = parse_voices(names + names)
    slugs = [voice.slug for voice in voices]
    assert len(voices) == len(set(slugs)) == len(names)
    for slug in slugs:
        assert 0 < len(slug) <= 100
        assert not set(slug) - set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(parse_voices([str(n) for n in range(MOST_VOICES + 9)])) == MOST_VOICES


# --- asked over HTTP ------------------------------------------------------------------------------


def test_new_voices_are_added_and_vanished_ones_hidden(server, server_model):
    voice = server_model.voices.get(voice_slug="300")
    voice.name, voice.language = "Granny", "nl"
    voice.save()
    server.voice_lists = {"/v1/audio/voices": {"voices": ["300", "900"]}}
    assert str(catalogue.sync_voices(server_model)) == (
        "2 voices, 1 of them new, 2 no longer there"
    )
    usable = Voice.objects.usable().filter(speech_model=server_model)
    assert sorted(usable.values_list("name", "language")) == [("900", "en"), ("Granny", "nl")]
    server.voice_lists = {"/v1/audio/voices": {"voices": ["300", "500", "700"]}}
    assert catalogue.sync_voices(server_model).added == 0
    assert usable.count() == 3
    assert server_model.voices.count() == 4


def test_a_server_that_lists_no_voices_has_those_that_were_entered(server, server_model):
    server.voice_lists = {}
    with pytest.raises(SpeechError, match="does not list its voices"):
        catalogue.sync_voices(server_model)
    assert Voice.objects.usable().filter(speech_model=server_model).count() == 3
    server_model.voice_list = "700, nova\nalloy"
    catalogue.sync_voices(server_model)
    usable = Voice.objects.usable().filter(speech_model=server_model)
    assert {voice.engine_voice for voice in usable} == {"700", "nova", "alloy"}


# What stands under /v1 of a server, and nothing elsewhere.
UNDER_V1 = {"/v1/audio/voices": {"voices": ["300"]}}
MODELS_ONLY = {"/v1/models": {"object": "list", "data": [{"id": "tones", "object": "model"}]}}
WANTS_A_KEY = {"/v1/models": Answer(401, body='{"detail":"No key"}')}


@pytest.mark.parametrize("listed", [UNDER_V1, MODELS_ONLY, WANTS_A_KEY], ids=str)
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("", "The speech server's address lacks /v1 at its end."),
        ("/api", "The speech server's address has a wrong path."),
        ("/v1/v1", "The speech server's address has a wrong path."),
        ("/web/index.html", "The speech server's address has a wrong path."),
    ],
)
def test_an_address_without_its_v1_is_told_with_the_right_one(
    path, told, listed, server, server_model
):
    server.voice_lists = listed
    right = server_model.base_url
    server_model.base_url = right.removesuffix("/v1") + path
    server_model.save()
    with pytest.raises(SpeechError) as caught:
        catalogue.sync_voices(server_model)
    assert caught.value.message == told
    assert caught.value.advice == f"It answers at {right}: enter that."
    assert Voice.objects.usable().filter(speech_model=server_model).count() == 3


def test_a_web_interface_at_every_other_address_is_not_taken_for_the_api(server, server_model):
    server.voice_lists = UNDER_V1
    server.elsewhere = Answer(body="<!doctype html><title>Tones", content_type="text/html")
    server_model.base_url = server_model.base_url.removesuffix("/v1")
    with pytest.raises(SpeechError, match="lacks /v1"):
        catalogue.sync_voices(server_model)


def test_voices_that_are_listed_outside_of_the_api_are_found(server, server_model):
    server.voice_lists = {"/api/voices": {"status": "success", "voices": ["300.wav", "900.wav"]}}
    assert catalogue.sync_voices(server_model).added == 2


def test_a_server_that_refuses_the_key_hides_no_voice(server, server_model):
    server.voice_lists = {"/v1/audio/voices": Answer(401, body='{"detail":"No."}')}
    with pytest.raises(SpeechError, match="refuses the key"):
        catalogue.sync_voices(server_model)
    assert Voice.objects.usable().filter(speech_model=server_model).count() == 3


# Error bodies as each server sends them.
@pytest.mark.parametrize(
    ("status", "body", "told", "advised"),
    [
        (400, {"detail": {"error": "validation_error", "type": "invalid_request_error",
                          "message": "Voice '300' not found. Available voices: af_heart, af_sky"}},
         "The speech server does not have this voice.", "Available voices: af_heart, af_sky"),
        (400, {"detail": {"error": "invalid_model", "message": "Unsupported model: tones",
                          "type": "invalid_request_error"}},
         "The speech server does not have the model 'tones'.", "Unsupported model: tones"),
        (500, {"detail": {"error": "processing_error", "message": "out of memory",
                          "type": "server_error"}},
         "The speech server failed on this text.", "out of memory"),
        (404, {"detail": "Model 'tones' is not installed locally. You can download the model "
                         "using `POST /v1/models`"},
         "The speech server does not have the model 'tones'.", "POST /v1/models"),
        (422, {"detail": [{"type": "enum", "loc": ["body", "response_format"],
                           "msg": "Input should be 'flac' or 'pcm'"}]},
         "The speech server does not speak in the format 'wav'.", "'flac' or 'pcm'"),
        (400, {"error": {"message": "Invalid voice '300'. Supported: vivian", "code": 400,
                         "type": "BadRequestError", "param": None}},
         "The speech server does not have this voice.", "Supported: vivian"),
        (401, {"error": {"message": "Incorrect API key provided: sk-abc***xyz.", "param": None,
                         "type": "invalid_request_error", "code": "invalid_api_key"}},
         "The speech server refuses the key.", "Incorrect API key provided"),
    ],
    ids=["Kokoro-FastAPI voice", "Kokoro-FastAPI model", "Kokoro-FastAPI failure",
         "Speaches model", "Speaches format", "vLLM-Omni voice", "OpenAI key"],
)  # fmt: skip
def test_the_errors_of_the_servers_are_understood(
    status, body, told, advised, server, server_model, cat, settings, caplog
):
    settings.SPEECH_MAX_ATTEMPTS = 1
    server.usual = Answer(status, body=json.dumps(body))
    (variant,) = make_all(cat, "A sentence to be spoken.")
    assert (variant.status, variant.error) == (Status.ERROR, told)
    assert advised in caplog.text


@pytest.fixture
def in_the_environment(settings, server):
    settings.OPENAI_BASE_URL = server.address
    settings.OPENAI_API_KEY = "sk-of-the-environment"
    settings.OPENAI_TTS_MODEL = "tones"
    settings.OPENAI_TTS_VOICES = []


def test_the_server_of_the_environment_is_added_and_kept_up_to_date(
    db, in_the_environment, server, settings
):
    model = catalogue.add_server_model()
    assert [voice.engine_voice for voice in model.voices.order_by("pk")] == ["300", "500", "700"]
    settings.OPENAI_TTS_MODEL = "other-tones"
    model = catalogue.add_server_model()
    assert (model.engine_model, model.api_key) == ("other-tones", "sk-of-the-environment")
    assert SpeechModel.objects.count() == 1


def test_the_address_of_the_environment_is_mended_where_its_v1_is_missing(
    db, in_the_environment, server, settings
):
    settings.OPENAI_BASE_URL = server.address.removesuffix("/v1")
    model = catalogue.add_server_model()
    assert model.base_url == server.address
    assert [voice.engine_voice for voice in model.voices.order_by("pk")] == ["300", "500", "700"]


def test_a_server_of_the_environment_that_is_off_stops_nothing(db, in_the_environment, settings):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    settings.OPENAI_TTS_VOICES = ["nova", "alloy"]
    model = catalogue.add_server_model()
    assert {voice.engine_voice for voice in model.voices.all()} == {"nova", "alloy"}


def test_without_a_server_in_the_environment_none_is_added(db, settings):
    settings.OPENAI_BASE_URL = settings.OPENAI_API_KEY = ""
    assert catalogue.add_server_model() is None
    assert not SpeechModel.objects.exists()
