"""Who may what on the pages, beside the admin."""

from .matrix import anybody, own, part, signed_in

A = "documents/<uuid:uuid>/"
SIGN_IN_DATA = {"username": "alice", "password": "not it"}
ANNOTATION = {"pk": lambda own: own.annotation.pk}
WORD = {"pk": lambda own: own.word.pk}
PICTURE = {"name": lambda own: own.picture.name}
VOICE = {"model_slug": "tone", "voice_slug": "tone-500"}
PASSAGE = {"kind": "bookmark", "block_idx": 1, "start": 0, "end_block_idx": 1, "end": 0}
NEW_PASSWORD = {"old_password": "not it", "new_password1": "x", "new_password2": "x"}

ROWS = [
    # How it goes. These tests run without workers: /readyz tells that.
    anybody("GET", "healthz", 200),
    anybody("GET", "readyz", 503),
    anybody("GET", "metrics", 200),  # from this machine: tests/test_metrics.py has the others
    # The library, and what is brought in.
    signed_in("GET", "", 200),
    signed_in("GET", "documents/new/", 200),
    signed_in("POST", "documents/new/", 302, data={"text": "Something to be read."}),
    signed_in("POST", "documents/again/", 302),
    # A document.
    own("GET", A, 200),
    part("GET", f"{A}blocks/", 200),
    part("GET", f"{A}index/", 200),
    part("GET", f"{A}pictures/<slug:name>/", 200, ids=PICTURE),
    own("GET", f"{A}speech/", 200),
    own("POST", f"{A}speech/", 302, data={"speech_level": "everything"}),
    own("GET", f"{A}speech/<int:idx>/", 200),
    own("POST", f"{A}speech/<int:idx>/", 302, data={"correction": "Something else."}),
    own("POST", f"{A}speech/<int:idx>/word/", 200, data={"word": "Here", "say": "there"}),
    own("GET", f"{A}rename/", 200),
    own("POST", f"{A}rename/", 302, data={"title": "Another title"}),
    own("POST", f"{A}again/", 302),
    own("POST", f"{A}stop/", 302),
    own("POST", f"{A}prepare/", 204, data=VOICE),
    own("POST", f"{A}prepare/stop/", 204),
    own("POST", f"{A}fold/", 204, data={"folded": ""}),
    own("POST", f"{A}delete/", 302),
    own("POST", f"{A}restore/", 302),
    # What is marked in it.
    part("GET", f"{A}annotations/", 200),
    part("POST", f"{A}annotations/", 201, data=PASSAGE),
    part("POST", f"{A}annotations/<int:pk>/", 200, ids=ANNOTATION, data={"note": "Another"}),
    part("DELETE", f"{A}annotations/<int:pk>/", 204, ids=ANNOTATION),
    own("GET", f"{A}annotations.md", 200),
    signed_in("GET", "annotations.md", 200),
    # Sounds.
    part("GET", "audio/<uuid:variant_id>/<int:revision>/", 200),
    part("GET", "audio/<uuid:variant_id>/<int:revision>/marks/", 200),
    # Of a voice that is not there: others are made while somebody waits.
    signed_in(
        "GET",
        "voices/<slug:model_slug>/<slug:voice_slug>/preview/",
        404,
        ids={"voice_slug": lambda own: "no-such-voice"},
    ),
    signed_in("POST", "voices/<slug:model_slug>/<slug:voice_slug>/favourite/", 204),
    signed_in("POST", "voices/offered/", 204),
    # A person.
    signed_in("GET", "settings/", 200),
    signed_in("POST", "settings/", 200, data={"speed": "1"}),
    signed_in("POST", "settings/voices/<slug:language>/forget/", 302,
              ids={"language": lambda own: "en"}),
    signed_in("GET", "settings/words/", 200),
    signed_in("POST", "settings/words/", 302, data={"word": "Godot", "say": "go doe"}),
    own("POST", "settings/words/<int:pk>/delete/", 302, ids=WORD),
    signed_in("GET", "settings/sounds/", 200),
    signed_in("POST", "settings/sounds/", 302, data={"kept_sounds_mb": "100"}),
    signed_in("GET", "settings/use/", 200),
    signed_in("POST", "preferences/", 204, data={"speed": "1.5"}),
    signed_in("POST", "preferences/look/", 204, data={"theme": "dark"}),
]  # fmt: skip
