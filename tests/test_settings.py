"""Settings: each variable is written down, its default is the one that is told, a bad one stops."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).parent.parent
SHOW = """
import json, config.settings as settings
print(json.dumps(
    {name: value for name, value in vars(settings).items() if name.isupper()},
    default=str, sort_keys=True,
))
"""


def variables_read() -> set[str]:
    """Return the variables that the settings and the processes read."""
    settings = (ROOT / "config/settings.py").read_text()
    readers = ["env", *re.findall(r"^def (\w+)\(\s*name: str", settings, re.MULTILINE)]
    calls = rf'\b(?:{"|".join(readers)})(?:\.\w+)?\(\s*"([A-Z_]+)"'
    return {
        *re.findall(calls, settings),
        *re.findall(r"\$\{([A-Z_]+):-", (ROOT / "Procfile").read_text()),
        *re.findall(
            r'environ(?:ment)?\.get\("([A-Z_]+)"\) or',
            (ROOT / "config/run/__main__.py").read_text(),
        ),
    }


def example() -> dict[str, str]:
    """Return the variables of .env.example, with the default each one is said to have."""
    lines = (ROOT / ".env.example").read_text()
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", lines, re.MULTILINE))


def settings_with(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, with these variables and no others."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        env=environment | variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_variable_stands_in_the_example():
    read = variables_read()
    assert {"MAX_UPLOAD_MB", "DATABASE_URL", "DEBUG", "PORT", "WORKER_CONCURRENCY"} <= read
    assert set(example()) == read


def test_every_variable_stands_in_the_readme():
    rows = re.findall(
        r"^\|((?: *`[A-Z_]+`,?)+) *\|", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    assert {name for row in rows for name in re.findall("`([A-Z_]+)`", row)} == variables_read()


def test_the_example_tells_the_defaults(tmp_path):
    told = example() | {"DATA_DIR": str(tmp_path)}
    bare, spelled_out = settings_with(tmp_path), settings_with(tmp_path, **told)
    assert bare.returncode == spelled_out.returncode == 0, bare.stderr + spelled_out.stderr
    assert json.loads(bare.stdout) == json.loads(spelled_out.stdout)


def test_the_defaults_are_safe_for_the_public(tmp_path):
    settings = json.loads(settings_with(tmp_path).stdout)
    assert settings["DEBUG"] is False
    assert "*" not in settings["ALLOWED_HOSTS"]
    secret = tmp_path / "secret_key"
    assert settings["SECRET_KEY"] == secret.read_text()
    assert secret.stat().st_mode & 0o077 == 0


def test_an_empty_variable_is_as_good_as_none(tmp_path):
    empty = dict.fromkeys(variables_read() - {"DATA_DIR"}, "")
    bare, emptied = settings_with(tmp_path), settings_with(tmp_path, **empty)
    assert emptied.returncode == 0, emptied.stderr
    assert json.loads(bare.stdout) == json.loads(emptied.stdout)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("SIGNUP_OPEN", "perhaps"),
        ("BEHIND_TLS", "perhaps"),
        ("MAX_UPLOAD_MB", "lots"),
        ("MAX_UPLOAD_MB", "0"),
        ("MAX_UPLOAD_MB", "-1"),
        ("SPEECH_LEASE_SECONDS", "0.5"),
        ("SPEECH_MAX_ATTEMPTS", "none"),
        ("SPEECH_REQUESTS_AT_ONCE", "0"),
        ("WAITING_ENGINES", "nobody"),
        ("AUDIO_FORMAT", "wav"),
        ("LOUDNESS", "loud"),
        ("LOUDNESS", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("TIME_ZONE", "Mars/Phobos"),
        ("TIME_ZONE", "Europe"),
        ("DATABASE_URL", "lectern.sqlite3"),
        ("DATABASE_URL", "oracle://host/lectern"),
        ("REDIS_URL", "localhost:6379"),
        ("SPEECH_ENGINES", "mine"),
        ("SPEECH_ENGINES", "mine=not/a/path"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("SOCKET_ORIGINS", "read.example.org"),
        ("SOCKET_ORIGINS", "https://read.example.org/"),
        ("CSRF_TRUSTED_ORIGINS", "https://good.example,bad.example"),
    ],
)
def test_a_bad_value_stops_the_start_and_names_its_variable(tmp_path, name, value):
    result = settings_with(tmp_path, **{name: value})
    assert result.returncode != 0
    *_, words = result.stderr.strip().splitlines()
    assert words.startswith(f"django.core.exceptions.ImproperlyConfigured: {name} must ")


def test_what_files_leave_around_a_value_is_no_part_of_it(tmp_path):
    result = settings_with(
        tmp_path,
        OPENAI_BASE_URL='\ufeff"http://kokoro:8880/v1/audio/speech"\r',
        OPENAI_API_KEY="'Bearer sk-key\u200b' \r\n",
        OPENAI_TTS_MODEL=' "kokoro"\r',
        OPENAI_TTS_VOICES="'nova', alloy\r",
        DEFAULT_VOICE='"openai/nova"',
        AUDIO_FORMAT="mp3\r",
        BEHIND_TLS='"yes"\r',
        MAX_UPLOAD_MB=" 7\r",
        REDIS_URL="'redis://host:6379/0'\r",
    )
    assert result.returncode == 0, result.stderr
    read = json.loads(result.stdout)
    assert read["OPENAI_BASE_URL"] == "http://kokoro:8880/v1"
    assert read["OPENAI_API_KEY"] == "sk-key"
    assert (read["OPENAI_TTS_MODEL"], read["OPENAI_TTS_VOICES"]) == ("kokoro", ["nova", "alloy"])
    assert (read["DEFAULT_VOICE"], read["AUDIO_FORMAT"]) == ("openai/nova", "mp3")
    assert (read["BEHIND_TLS"], read["MAX_UPLOAD_MB"]) == (True, 7)
    assert read["REDIS_URL"] == "redis://host:6379/0"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("OPENAI_BASE_URL", "http://me:secret@kokoro/v1", "Enter the key in its own field"),
        ("OPENAI_BASE_URL", "ws://kokoro/secret", "must begin with http:// or https://"),
        ("OPENAI_API_KEY", "my secret", "There is a blank or a line break in the key"),
        ("OPENAI_API_KEY", "secret…", "a letter or sign that no key has"),
    ],
)
def test_a_server_that_cannot_be_used_stops_the_start_without_a_secret(tmp_path, name, value, told):
    result = settings_with(tmp_path, **{name: value})
    assert result.returncode != 0
    *_, words = result.stderr.strip().splitlines()
    assert words.startswith(f"django.core.exceptions.ImproperlyConfigured: {name} cannot be used.")
    assert told in words
    assert "secret" not in result.stderr


def test_a_bad_default_voice_stops_the_start_and_names_what_there_is(db, settings):
    settings.DEFAULT_VOICE = "espeak/klingon-of-the-north"
    with pytest.raises(CommandError, match=r"DEFAULT_VOICE is .*model/voice.*: espeak, hibari\."):
        call_command("prepare")
