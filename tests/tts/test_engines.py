"""What engines of each kind are asked beside speech."""

from tts.engines import KeepsVoices, LoadsVoices, Preloads, engine_named

KINDS = {
    "hibari": {KeepsVoices, Preloads},
    "piper": {KeepsVoices, LoadsVoices, Preloads},
    "espeak": set(),
    "openai": set(),
}


def test_each_engine_is_of_the_kinds_that_it_should_be():
    found = {
        name: {kind for kind in (KeepsVoices, LoadsVoices, Preloads) if isinstance(engine, kind)}
        for name, engine in ((name, engine_named(name)) for name in KINDS)
    }
    assert found == KINDS
