"""Feeds in: new articles come into a collection; hostile feeds bring nothing else."""

import pytest
from django.urls import reverse

from reader.extraction import ExtractionError
from reader.models import Document, Subscription
from reader.subscribing import checking, following
from reader.subscribing.entries import NoFeed, read_feed
from reader.subscribing.tasks import check_subscription

from .conftest import page_of
from .test_fetching import answer, site  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

AT = "https://news.example/feed"


def rss(*articles: tuple[str, str, str], title: str = "News") -> bytes:
    items = "".join(
        f"<item><guid>{guid}</guid><link>{link}</link><title>{name}</title></item>"
        for guid, link, name in articles
    )
    head = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>'
    return f"{head}{items}</channel></rss>".encode()


def numbered(*numbers: int, ids: str = "id", links: str = "a") -> bytes:
    return rss(
        *((f"{ids}{n}", f"https://news.example/{links}{n}", f"Article {n}") for n in numbers)
    )


@pytest.fixture
def feed(alice, monkeypatch):
    """A feed that is fetched from where a test puts it."""
    served = {}

    def fetch(address, **_):
        content = served[address]
        if isinstance(content, Exception):
            raise content
        return checking.fetching.Fetched(address, content, "text/xml", "")

    monkeypatch.setattr(checking.fetching, "fetch", fetch)
    feed = Subscription.objects.create(owner=alice, address=AT)
    feed.serve = lambda content: served.__setitem__(AT, content)
    return feed


def look(feed: Subscription) -> list[str]:
    """Check a feed whose time has come; return the titles that came of it."""
    before = set(Document.objects.values_list("pk", flat=True))
    Subscription.objects.update(due_at="2000-01-01T00:00Z")
    check_subscription(feed.pk)
    feed.refresh_from_db()
    new = Document.objects.exclude(pk__in=before).order_by("pk")
    return list(new.values_list("title", flat=True))


def test_the_latest_come_at_first_and_then_what_is_new(feed, alice):
    feed.serve(numbered(*range(20, 0, -1)))
    assert look(feed) == [f"Article {n}" for n in range(16, 21)]
    assert feed.title == "News"
    assert [str(each) for each in alice.collections.all()] == ["News"]
    assert feed.collection.documents.count() == 5
    assert look(feed) == []
    feed.serve(numbered(*range(22, 2, -1)))
    assert look(feed) == ["Article 21", "Article 22"]
    assert Document.objects.get(title="Article 22").address == "https://news.example/a22"


def test_a_feed_that_changes_all_its_ids_or_addresses_brings_nothing_twice(feed):
    feed.serve(numbered(*range(20, 0, -1)))
    look(feed)
    feed.serve(numbered(*range(20, 0, -1), ids="other"))
    assert look(feed) == []
    feed.serve(numbered(*range(20, 0, -1), ids="other", links="b"))
    assert look(feed) == []
    feed.serve(numbered(*range(200, 0, -1), ids="all", links="c"))
    assert len(look(feed)) == 10


def test_titles_are_text_however_they_are_escaped(feed, as_alice):
    titles = [
        "&lt;script&gt;alert(1)&lt;/script&gt;Plain",
        "&amp;lt;img src=x onerror=alert(1)&amp;gt;Twice",
        "<![CDATA[<b>Bold</b> <svg onload=alert(1)>]]>",
    ]
    feed.serve(rss(*((str(n), f"https://e.example/{n}", t) for n, t in enumerate(titles))))
    assert look(feed) == ["Bold", "Twice", "Plain"]
    assert "alert(1)" not in page_of(as_alice)


def test_addresses_that_are_not_of_the_web_are_left_out():
    links = ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "/relative"]
    content = read_feed(rss(*((link, link, "x") for link in links)), address=AT)
    assert [entry.address for entry in content.entries] == ["https://news.example/relative"]


@pytest.mark.parametrize("data", [b"", b"<html><p>No feed</p></html>", b"\0\1\2", b"{}"])
def test_what_is_no_feed_is_told(data):
    with pytest.raises(NoFeed, match="neither RSS nor Atom"):
        read_feed(data, address=AT)


def test_a_failure_is_told_and_tried_again_later(feed, as_alice):
    feed.serve(ExtractionError("The site takes too long to answer. Try again later."))
    look(feed)
    assert "The site takes too long" in page_of(as_alice, "/subscriptions/")
    first = feed.due_at - feed.checked_at
    look(feed)
    assert feed.due_at - feed.checked_at > first
    feed.serve(numbered(1))
    assert look(feed) == ["Article 1"]
    assert (feed.error, feed.failures) == ("", 0)


def test_a_feed_is_checked_once_though_its_message_comes_twice(feed):
    feed.serve(numbered(1))
    assert checking.take(feed)
    assert not checking.take(feed)
    assert look(feed) == ["Article 1"]


def test_limits_of_use_hold_and_nothing_is_lost_by_them(feed, settings):
    settings.MAX_DOCUMENTS_PER_PERSON = 1
    feed.serve(numbered(2, 1))
    assert look(feed) == ["Article 1"]
    assert "more are not taken" in feed.error
    settings.MAX_DOCUMENTS_PER_PERSON = 0
    assert look(feed) == ["Article 2"]


def test_one_that_leads_to_this_machine_or_has_no_end_is_not_fetched(alice, site):  # noqa: F811
    feed = Subscription.objects.create(owner=alice, address=site.address())
    look(feed)
    assert "not on the public web" in feed.error
    assert site.asked == []


def test_one_that_does_not_end_is_given_up(alice, site, settings, monkeypatch):  # noqa: F811
    settings.FETCH_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(checking, "MOST_BYTES", 100_000)
    site.pages["/"] = answer(body=rss(("a", "https://a.example/", "x" * 200_000)))
    feed = Subscription.objects.create(owner=alice, address=site.address())
    look(feed)
    assert "larger than what is taken here" in feed.error
    assert not Document.objects.exists()


def test_opml_goes_in_and_out(as_alice, as_bob, alice):
    following.follow(owner=alice, address="https://a.example/?x=1&y=2", title="A & B")
    taken = as_alice.get(reverse("subscriptions_opml")).content
    assert Subscription.objects.filter(owner__username="bob").count() == 0
    bob = as_bob.get("/").wsgi_request.user
    assert following.from_opml(owner=bob, data=taken) == 1
    assert list(bob.subscriptions.values_list("address", "title")) == [
        ("https://a.example/?x=1&y=2", "A & B")
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"<opml/>",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><opml>&e;</opml>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><opml>&b;</opml>',
    ],
)
def test_what_is_no_opml_is_told(alice, data):
    with pytest.raises(following.NotFollowed):
        following.from_opml(owner=alice, data=data)


def test_the_page_follows_and_gives_up(as_alice, as_bob):
    assert as_alice.post("/subscriptions/", {"address": "javascript:x"}).status_code == 422
    assert as_alice.post("/subscriptions/", {"address": AT}).status_code == 302
    pk = Subscription.objects.get().pk
    assert AT in page_of(as_alice, "/subscriptions/")
    assert AT not in page_of(as_bob, "/subscriptions/")
    assert as_bob.post(f"/subscriptions/{pk}/delete/").status_code == 404
    assert as_alice.post(f"/subscriptions/{pk}/delete/").status_code == 302
    assert not Subscription.objects.exists()
