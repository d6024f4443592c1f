"""Who may what at each address: the rows, the cast, and how a row is tried.

The rows stand in modules named ``access_rows…`` anywhere in the tests, beside what they are about,
in a list ``ROWS``. Everybody asks at each address; the answers are their statuses. What is refused
must have changed no row of the database, shown none of Alice's words, and told nobody whether there
is such a thing.
"""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLResolver, get_resolver

from reader.models import (
    Annotation,
    Document,
    Feed,
    LanguageVoice,
    LexiconEntry,
    Picture,
    Preparation,
    Token,
    User,
)
from reader.services.feeds import open_feed, secret_of
from reader.services.tokens import make_token
from tests.conftest import make_document
from tts.models import AudioVariant, SpeechModel, Voice

TESTS = Path(__file__).resolve().parent.parent

SIGN_IN = "sign in"  # a redirect to the page for it
STAFF_SIGN_IN = "sign in as staff"
Answer = int | str | tuple[int, ...]
Ids = dict[str, Callable[["Belongings"], object]]

SAFE = ("GET", "HEAD", "OPTIONS")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Belongings:
    """What a person of the cast has: one thing of each kind, with ids of their own."""

    user: User
    document: Document
    variant: AudioVariant
    annotation: Annotation
    word: LexiconEntry
    picture: Picture
    token: Token
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cast:
    """Alice owns, Bob has other things of the same kinds, Root is of the staff and may all."""

    alice: Belongings
    bob: Belongings
    root: User


# What stands for a part of an address, unless a row says otherwise.
USUAL_IDS: Ids = {
    "uuid": lambda own: own.document.uuid,
    "variant_id": lambda own: own.variant.pk,
    "revision": lambda own: own.variant.sound_revision,
    "idx": lambda own: 0,
    "secret": lambda own: _secret_of(own.user),
    "model_slug": lambda own: "tone",
    "voice_slug": lambda own: "tone-300",
}
# The same, where there is no such thing.
NO_IDS: dict[str, object] = {"uuid": uuid.UUID(int=1), "variant_id": uuid.UUID(int=1)}
NO_ID = 987_654_321


@cache
def _handler() -> ClientHandler:
    """Return what answers all browsers: its middleware is set up once."""
    return ClientHandler(enforce_csrf_checks=False)


def by_cookie(user: User | None) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.handler = _handler()
    if user:
        client.force_login(user)
    return client


@dataclass(frozen=True)
class Row:
    """A method at an address, and what it answers the owner, others, staff and nobody.

    ``ids`` says what stands for the parts of the address, of a person's own things. ``data`` is
    sent as a form, or as JSON with another ``content_type``. ``client`` signs somebody in. Staff
    with a right of the admin has ``right``: see ``admin_row``.
    """

    method: str
    route: str
    owner: Answer
    other: Answer
    staff: Answer
    nobody: Answer
    data: Any = None
    ids: Ids = field(default_factory=dict)
    content_type: str = ""
    client: Callable[[User | None], Client] = by_cookie
    # The rights of the admin of which one is needed; with it, staff get ``able``.
    rights: tuple[str, ...] = ()
    able: Answer = ()
    more_rights: tuple[str, ...] = ()
    tells_all: bool = False  # whoever may ask may know all of it
    address: str = ""  # one that the route's expression matches

    def __str__(self) -> str:
        return f"{self.method} /{self.route}"

    def path(self, own: Belongings, **instead: object) -> str:
        """Return the address of a person's own thing."""
        if self.address:
            return self.address
        ids = {**USUAL_IDS, **self.ids}
        path = f"/{self.route}"
        for kind, name in parts_of(self.route):
            value = instead[name] if name in instead else ids[name](own)
            path = path.replace(f"<{kind}{name}>", str(value))
        return path

    @property
    def no_ids(self) -> dict[str, object]:
        """What names nothing, for each part that names a thing of somebody."""
        names = {name for _, name in parts_of(self.route)}
        return {name: NO_IDS.get(name, NO_ID) for name in names & {*self.ids, *NO_IDS}}

    def send(self, client: Client, path: str, **extra: Any) -> Any:
        if self.content_type:
            extra["content_type"] = self.content_type
        data = self.data() if callable(self.data) else self.data
        return getattr(client, self.method.lower())(path, data, **extra)


def own(method: str, route: str, answer: Answer, **more: Any) -> Row:
    """A thing of the owner's: for everybody else it is not there."""
    return Row(method, route, answer, 404, 404, SIGN_IN, **more)


def part(method: str, route: str, answer: Answer, **more: Any) -> Row:
    """What only a page fetches: nobody is not sent to sign in."""
    return Row(method, route, answer, 404, 404, 404, **more)


def signed_in(method: str, route: str, answer: Answer, **more: Any) -> Row:
    """Something about whoever is signed in, or about no person at all."""
    return Row(method, route, answer, answer, answer, SIGN_IN, **more)


def anybody(method: str, route: str, answer: Answer, **more: Any) -> Row:
    return Row(method, route, answer, answer, answer, answer, **more)


def any_staff(method: str, route: str, answer: Answer, **more: Any) -> Row:
    """What all staff see, whatever rights they have."""
    nobody = more.pop("nobody", STAFF_SIGN_IN)  # as Django's own site has it
    return Row(method, route, STAFF_SIGN_IN, STAFF_SIGN_IN, answer, nobody, **more)


def admin_row(method: str, route: str, rights: str, answer: Answer, **more: Any) -> Row:
    """For staff with one of these rights; all others together do not do.

    ``with_rights`` are needed besides.
    """
    more_rights = tuple(more.pop("with_rights", "").split())
    return Row(
        method, route, STAFF_SIGN_IN, STAFF_SIGN_IN, 403, SIGN_IN,
        rights=tuple(rights.split()), able=answer, more_rights=more_rights, **more,
    )  # fmt: skip


def admin_of(prefix: str, thing: Callable[[Belongings], object], **answers: Answer) -> list[Row]:
    """Return the rows of a ModelAdmin's own pages, for a thing there that is nobody's.

    ``prefix`` as ``admin/reader/document/``. An answer is what staff with the right get; what is
    not named answers as usual. A page that nobody has at all answers 403 to the right too.
    """
    app, model = prefix.removeprefix("admin/").strip("/").split("/")
    view, add, change, delete = (
        f"{app}.{action}_{model}" for action in ("view", "add", "change", "delete")
    )
    see = f"{view} {change}"
    usual = {
        "list": 200, "add": 200, "see": 200, "save": 200, "delete": 200, "deleted": 302,
        "history": 200,
    } | answers  # fmt: skip
    one = f"{prefix}<path:object_id>/"
    ids: Ids = {"object_id": thing}
    yes = {"post": "yes"}
    more = {"with_rights": str(usual.pop("with_rights", ""))}
    return [
        admin_row("GET", prefix, see, usual["list"]),
        admin_row("POST", prefix, see, usual["list"], data={"action": ""}),
        admin_row("GET", f"{prefix}add/", add, usual["add"], **more),
        admin_row("POST", f"{prefix}add/", add, usual["add"], **more),
        admin_row("GET", f"{one}change/", see, usual["see"], ids=ids),
        admin_row("POST", f"{one}change/", change, usual["save"], ids=ids),
        admin_row("GET", f"{one}delete/", delete, usual["delete"], ids=ids),
        admin_row("POST", f"{one}delete/", delete, usual["deleted"], ids=ids, data=yes),
        admin_row("GET", f"{one}history/", see, usual["history"], ids=ids),
        # An old address of the page, which answers with the new one.
        any_staff("GET", one, 302, ids=ids, nobody=SIGN_IN),
    ]


# --- the addresses there are ----------------------------------------------------------------------


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Yield every address of the URL configuration, with and without a name."""
    for each in (resolver or get_resolver()).url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        else:
            yield route


def without_a_row(rows: Sequence[Row]) -> list[str]:
    """Return the addresses of which no row tells who may what."""
    known = {row.route for row in rows}
    return sorted({route for route in routes() if route not in known})


def without_an_address(rows: Sequence[Row]) -> list[str]:
    there = set(routes())
    return sorted({row.route for row in rows if row.route not in there})


def parts_of(route: str) -> list[tuple[str, str]]:
    """Return the parts that change: the converter with its colon, and the name."""
    found = []
    for piece in route.split("<")[1:]:
        kind, colon, name = piece.partition(">")[0].rpartition(":")
        found.append((kind + colon, name))
    return found


@cache
def all_rows() -> tuple[Row, ...]:
    """Return the rows of all modules ``access_rows…`` of the tests."""
    rows: list[Row] = []
    for path in sorted(TESTS.rglob("access_rows*.py")):
        name = ".".join(("tests", *path.relative_to(TESTS).with_suffix("").parts))
        rows += importlib.import_module(name).ROWS
    return tuple(rows)


# --- the cast -------------------------------------------------------------------------------------


def make_cast(voice: Voice, make_sounds: Callable[[Document, Voice], list[AudioVariant]]) -> Cast:
    """Give Alice and Bob a thing of each kind."""
    root = User.objects.create_superuser("root", password="r-long-password")
    return Cast(
        _belongings("alice", "the walrus sleeps", voice, make_sounds),
        _belongings("bob", "the weather changes", voice, make_sounds),
        root,
    )


def _belongings(name: str, subject: str, voice: Voice, make_sounds: Callable[..., Any]) -> Any:
    user = User.objects.create_user(name, password=f"{name}-long-password")
    title = f"A paper on how {subject}"
    document = make_document(user, f"Here {subject}.\n\nAgain {subject}, says {name}.", title)
    variant = make_sounds(document, voice)[0]
    passage = {"block_idx": 0, "start": 0, "end_block_idx": 0, "end": 4, "quote": "Here"}
    annotation = Annotation.objects.create(
        user=user, document=document, kind="highlight", note=f"{name} notes {subject}", **passage
    )
    word = LexiconEntry.objects.create(user=user, word=f"{name}word", say=f"{name} word")
    picture = Picture.objects.create(
        document=document, name=f"{name}-map", content_type="image/png"
    )
    picture.file.save(f"{name}.png", ContentFile(b"\x89PNG"))
    LanguageVoice.objects.create(user=user, language="en", voice=voice)
    Preparation.objects.create(document=document, user=user, voice=voice, status="done")
    token, _ = make_token(user=user, name=f"{name}'s program", scopes=["read"])
    things = Belongings(user, document, variant, annotation, word, picture, token)
    secrets = (title, f"Here {subject}", annotation.note, word.word, str(document.uuid), token.name)
    return replace(things, secrets=secrets)


def staff(name: str, *, rights: Sequence[str] = (), lacking: Sequence[str] = ()) -> User:
    """Return somebody of the staff with these rights, or with all but some."""
    user = User.objects.create_user(name, password="s-long-password", is_staff=True)
    user.user_permissions.set(
        permission
        for permission in Permission.objects.select_related("content_type")
        for code in [f"{permission.content_type.app_label}.{permission.codename}"]
        if code in rights or (lacking and code not in lacking)
    )
    return user


def _secret_of(user: User) -> str:
    """Return the secret of a person's podcast."""
    feed = Feed.objects.filter(owner=user, collection=None).first()
    return secret_of(feed or open_feed(person=user))


def no_model() -> SpeechModel:
    """A speech model that has no voice and no sound, so that it can be deleted."""
    return SpeechModel.objects.get_or_create(
        model_slug="unused", defaults={"name": "Unused", "engine": "tone"}
    )[0]
