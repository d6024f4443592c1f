"""Addresses and keys as people paste them."""

import pytest

from tts.addresses import origin_of, server_address, server_key

KOKORO = "http://kokoro:8880/v1"
INVISIBLE = "\ufeff\u200b\u200e\u2060\u00ad\x00"


@pytest.mark.parametrize(
    "entered",
    [
        KOKORO, "kokoro:8880/v1", "//kokoro:8880/v1", "HTTP://Kokoro:8880/v1", KOKORO + "/",
        KOKORO + "/audio/speech", KOKORO + "/audio/speech/", KOKORO + "/audio/voices",
        KOKORO + "/models", KOKORO + "?key=x", KOKORO + "#top", KOKORO + "/audio/speech?a=1#b",
        "http://kokoro:8880//v1", "http://kokoro:8880/v1//audio//speech", "http:/kokoro:8880/v1",
        "http://http://kokoro:8880/v1", "http:\\\\kokoro:8880\\v1", "http://kokoro.:8880/v1",
        f"  {KOKORO}\t\r\n", f'"{KOKORO}"', f"'{KOKORO}'\r", f"“{KOKORO}”", f"<{KOKORO}>",
        f"{INVISIBLE}{KOKORO}{INVISIBLE}", f"\xa0{KOKORO}\u3000", "http://kok\u200boro:8880/v1",
        "http：//kokoro：8880/v1",
    ],
)  # fmt: skip
def test_an_address_is_taken_however_it_was_pasted(entered):
    assert server_address(entered) == KOKORO
    assert server_address(server_address(entered)) == KOKORO


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ("", ""), (" \r\n", ""), ('""', ""), (INVISIBLE, ""),
        ("localhost:8880/v1", "http://localhost:8880/v1"),
        ("http://lectern_kokoro_1:8880/v1", "http://lectern_kokoro_1:8880/v1"),
        ("http://_tts:80/v1", "http://_tts:80/v1"),
        ("http://host.docker.internal:8880/v1", "http://host.docker.internal:8880/v1"),
        ("http://[::1]:8880/v1", "http://[::1]:8880/v1"), ("[fd00::5]/v1", "http://[fd00::5]/v1"),
        ("http://::1/v1", "http://[::1]/v1"), ("192.168.1.5:8880", "http://192.168.1.5:8880"),
        ("nas.local/v1", "http://nas.local/v1"), ("http://bücher.example/v1",) * 2,
        # A public name without a scheme: no key goes out unsealed.
        ("api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://speech.example.org/tts/v1/audio/speech", "https://speech.example.org/tts/v1"),
    ],
)  # fmt: skip
def test_hosts_of_every_kind_are_taken(entered, kept):
    assert server_address(entered) == kept


@pytest.mark.parametrize(
    ("entered", "told"),
    [
        ("http://me:secret@localhost/v1", "Enter the key in its own field, not in the address."),
        ("me:secret@kokoro:8880", "Enter the key in its own field, not in the address."),
        ("http://my kokoro:8880/v1", "There is a blank in the address."),
        ("http://kokoro\nhttp://other", "There is a blank in the address."),
        ("http://kokoro:eighty/v1", "The port after the colon must be a number from 1 to 65535."),
        ("http://kokoro:99999", "The port after the colon must be a number from 1 to 65535."),
        ("http://kokoro:0", "The port after the colon must be a number from 1 to 65535."),
        ("ws://kokoro:8880", "It must begin with http:// or https://, not ws://."),
        ("file:///etc/passwd", "It must begin with http:// or https://, not file://."),
        ("http://", "The name of the server is missing: http://localhost:8880/v1."),
        ("http:///v1", "The name of the server is missing: http://localhost:8880/v1."),
        ("http://-kokoro-/v1", "-kokoro- is not the name of a server."),
        ("http://kok,oro/v1", "kok,oro is not the name of a server."),
        ("http://a..b/v1", "a..b is not the name of a server."),
        ("192.168.1.300:8880", "192.168.1.300 is no IP address"),
        ("http://[::g]/v1", "An IPv6 address stands in brackets"),
        ("http://kokoro/" + "x" * 500, "The address is longer than 500 characters."),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_words(entered, told):
    with pytest.raises(ValueError, match=r".") as caught:
        server_address(entered)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "entered",
    [
        "sk-key", " sk-key ", "sk-key\r", "sk-key\n", '"sk-key"', "'sk-key'", "“sk-key”",
        "`sk-key`", "Bearer sk-key", "bearer  sk-key", "Authorization: Bearer sk-key",
        '"Bearer sk-key"\r\n',
        "Bearer 'sk-key'", f"{INVISIBLE}sk-{INVISIBLE}key{INVISIBLE}", "\xa0sk-key\u2003",
    ],
)  # fmt: skip
def test_a_key_is_taken_however_it_was_pasted(entered):
    assert server_key(entered) == "sk-key"


@pytest.mark.parametrize("entered", ["", "  ", '""', INVISIBLE, "Bearer ", "\r\n"])
def test_nothing_is_no_key(entered):
    assert server_key(entered) == ""


@pytest.mark.parametrize(
    ("entered", "told"),
    [
        ("sk key", "There is a blank or a line break in the key: copy the key alone."),
        ("sk-\r\nkey", "There is a blank or a line break in the key: copy the key alone."),
        ("sk-…key", "The key holds a letter or sign that no key has"),
        ("sk-kéy", "The key holds a letter or sign that no key has"),
        ("•••••••", "The key holds a letter or sign that no key has"),
    ],
)
def test_what_no_header_can_carry_is_refused_without_being_repeated(entered, told):
    with pytest.raises(ValueError, match="key") as caught:
        server_key(entered)
    assert str(caught.value).lower().startswith(told.lower())
    assert entered not in str(caught.value)


def test_the_origin_is_whom_an_address_speaks_to():
    assert origin_of("http://kokoro/v1") == origin_of("http://kokoro:80/other")
    others = ["https://kokoro/v1", "http://kokoro:81/v1", "http://kokoro2/v1", ""]
    assert origin_of("http://kokoro/v1") not in map(origin_of, others)
