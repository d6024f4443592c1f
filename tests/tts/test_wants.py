"""Who wants what, in a real Redis: ranks, fairness, expiry."""

import time

import pytest

from tts import clock
from tts.connections import redis_client
from tts.demand import wants
from tts.demand.wants import Candidate

MODEL, OTHER_MODEL = 1, 2


def keys(model: int = MODEL) -> list[str]:
    return [candidate.key for candidate in wants.upcoming(model)]


def serve(model: int = MODEL) -> Candidate:
    """Take what is to be made next, as a turn does."""
    upcoming = wants.upcoming(model)
    taken = wants.take_next(model)
    assert taken.candidate == upcoming[0]
    assert taken.more == (len(wants.upcoming(model)) > 0)
    return taken.candidate


def test_nothing_is_wanted_at_first():
    assert wants.upcoming(MODEL) == []


def test_what_is_wanted_most_comes_first():
    wants.replace(MODEL, "ann", {"c": 2, "a": 0, "b": 1})
    assert wants.upcoming(MODEL) == [
        Candidate("a", "ann", 0),
        Candidate("b", "ann", 1),
        Candidate("c", "ann", 2),
    ]


def test_a_window_replaces_the_one_before():
    wants.replace(MODEL, "ann", {"a": 0, "b": 1})
    wants.replace(MODEL, "ann", {"b": 0})
    assert keys() == ["b"]


def test_an_empty_window_is_no_want():
    wants.replace(MODEL, "ann", {"a": 0})
    wants.replace(MODEL, "ann", {})
    assert wants.upcoming(MODEL) == []
    assert redis_client().keys() == []


def test_one_listener_going_leaves_the_others_want():
    wants.replace(MODEL, "ann", {"a": 0})
    wants.replace(MODEL, "bea", {"a": 0})
    wants.forget(MODEL, "ann")
    assert wants.upcoming(MODEL) == [Candidate("a", "bea")]


def test_models_have_wants_of_their_own():
    wants.replace(MODEL, "ann", {"a": 0})
    wants.replace(OTHER_MODEL, "ann", {"b": 0})
    wants.forget(MODEL, "ann")
    assert keys(MODEL) == []
    assert keys(OTHER_MODEL) == ["b"]


def test_a_rank_beats_the_line():
    wants.replace(MODEL, "ann", {"a1": 1})
    wants.replace(MODEL, "bea", {"b0": 0})
    wants.replace(MODEL, "cid", {"c2": 2})
    assert keys() == ["b0", "a1", "c2"]


def test_listeners_of_equal_rank_take_turns():
    for listener in ("ann", "bea", "cid"):
        wants.replace(MODEL, listener, {f"{listener}{n}": 0 for n in range(3)})
    served = [serve().listener for _ in range(9)]
    assert served == ["ann", "bea", "cid"] * 3


def test_a_long_window_starves_nobody():
    wants.replace(MODEL, "ann", {f"a{n}": n for n in range(10)})
    serve()
    wants.replace(MODEL, "bea", {"b0": 0, "b1": 1})
    assert [serve().key for _ in range(4)] == ["b0", "a1", "b1", "a2"]


def test_a_window_written_again_keeps_its_place_in_the_line():
    wants.replace(MODEL, "ann", {"a0": 0, "a1": 0})
    wants.replace(MODEL, "bea", {"b0": 0})
    assert serve().listener == "ann"
    wants.replace(MODEL, "ann", {"a1": 0})
    assert serve().listener == "bea"


def test_who_forgets_and_wants_anew_keeps_its_place_in_the_line():
    served = []
    for n in range(6):
        for listener in ("ann", "bea", "cid"):
            wants.forget(MODEL, listener)
            wants.replace(MODEL, listener, {f"{listener}{n}": 0})
        served.append(serve().listener)
    assert served == ["ann", "bea", "cid"] * 2


def test_who_had_all_it_wanted_keeps_its_place_in_the_line():
    wants.replace(MODEL, "ann", {"a0": 0})
    serve()
    assert wants.upcoming(MODEL) == []
    wants.replace(MODEL, "bea", {"b0": 0})
    wants.replace(MODEL, "ann", {"a1": 0})
    assert [serve().key for _ in range(2)] == ["b0", "a1"]


def test_accounts_take_turns_and_so_do_the_listeners_of_one():
    for listener in ("ann.1", "ann.2", "ann.3", "bea.1"):
        wants.replace(MODEL, listener, {f"{listener}-{n}": 0 for n in range(3)})
    served = [serve().listener for _ in range(8)]
    assert served == ["ann.1", "bea.1", "ann.2", "bea.1", "ann.3", "bea.1", "ann.1", "ann.2"]


def test_ever_new_listeners_of_one_account_starve_nobody():
    wants.replace(MODEL, "bea.1", {f"b{n}": 0 for n in range(5)})
    served = [serve().listener]
    for n in range(9):
        wants.replace(MODEL, f"ann.{n}", {f"a{n}": 0})
        served.append(serve().listener)
    assert served.count("bea.1") == 5


def test_a_place_in_the_line_is_forgotten_a_while_after_its_listener_went(monkeypatch):
    wants.replace(MODEL, "ann", {"a0": 0})
    serve()
    wants.replace(MODEL, "bea", {"b0": 0, "b1": 1, "b2": 2})
    wants.forget(MODEL, "ann")
    serve()
    assert redis_client().hlen(f"lectern:windows:{MODEL}") == 2
    wants.replace(MODEL, "ann", {"a1": 9})
    monkeypatch.setattr(wants, "ABANDONED_MS", 10)
    wants.forget(MODEL, "ann")
    time.sleep(0.05)
    serve()
    assert redis_client().hkeys(f"lectern:windows:{MODEL}") == [b"bea"]


def test_of_all_who_went_of_one_account_one_place_is_kept():
    for n in range(50):
        wants.replace(MODEL, f"ann.{n}", {f"a{n}": 0})
        serve()
        wants.forget(MODEL, f"ann.{n}")
    assert redis_client().hkeys(f"lectern:windows:{MODEL}") == [b"ann"]
    wants.replace(MODEL, "bea.1", {"b0": 0, "b1": 0})
    wants.replace(MODEL, "ann.50", {"a50": 0})
    assert [serve().key for _ in range(3)] == ["b0", "a50", "b1"]


def test_who_empties_its_window_and_fills_it_anew_is_not_served_before_its_siblings():
    wants.replace(MODEL, "ann.2", {f"b{n}": 0 for n in range(3)})
    served = []
    for n in range(6):
        wants.replace(MODEL, "ann.1", {f"a{n}": 0})
        served.append(serve().key)
        wants.replace(MODEL, "ann.1", {})
    assert [key[0] for key in served] == ["a", "b"] * 3


def test_a_place_is_kept_from_when_the_last_of_an_account_went(monkeypatch):
    monkeypatch.setattr(wants, "ABANDONED_MS", 4_000)
    for n in range(2):
        wants.replace(MODEL, f"ann.{n}", {f"a{n}": 0})
        serve()
        time.sleep(2.5 * n)
        wants.forget(MODEL, f"ann.{n}")
    time.sleep(2)  # 4.5 s after the first went
    monkeypatch.setattr(wants, "ABANDONED_MS", 300_000)
    wants.replace(MODEL, "bea.1", {"b": 0})
    wants.replace(MODEL, "ann.3", {"a": 0})
    assert serve().key == "b"


def test_who_has_the_name_of_its_account_keeps_what_it_wants_when_others_of_it_go():
    wants.replace(MODEL, "ann.1", {"a0": 0})
    serve()
    wants.replace(MODEL, "ann", {"a1": 0, "a2": 1})
    wants.replace(MODEL, "bea", {"b0": 0})
    wants.forget(MODEL, "ann.1")
    assert [serve().key for _ in range(3)] == ["b0", "a1", "a2"]


@pytest.mark.parametrize("off", [-3600, 3600])
def test_a_clock_that_is_an_hour_off_loses_nothing(monkeypatch, off):
    wants.replace(MODEL, "ann", {"a": 0, "b": 1}, making=["c"])
    now = clock.epoch_seconds()
    monkeypatch.setattr(clock, "epoch_seconds", lambda: now + off)
    assert serve().key == "a"
    assert wants.unwanted(MODEL, ["a", "b", "c"]) == set()
    wants.replace(MODEL, "bea", {"d": 1})
    monkeypatch.undo()
    assert keys() == ["d", "b"]  # who had no turn yet comes first
    assert wants.is_waited_for([MODEL])


def test_there_is_no_more_where_only_an_expired_window_had_it(monkeypatch):
    monkeypatch.setattr(wants, "WANT_EXPIRES_MS", 20)
    wants.replace(MODEL, "gone", {"a": 0})
    monkeypatch.setattr(wants, "WANT_EXPIRES_MS", 30_000)
    time.sleep(0.05)
    wants.replace(MODEL, "ann", {"a": 0})
    wants.replace(MODEL, "bea", {"b": 1})
    assert serve().key == "a"
    assert serve().key == "b"


def test_what_is_taken_nobody_finds_again():
    wants.replace(MODEL, "ann", {"a": 0})
    wants.replace(MODEL, "bea", {"a": 0, "b": 1})
    assert serve() == Candidate("a", "ann")
    assert wants.upcoming(MODEL) == [Candidate("b", "bea", 1)]


def test_what_is_given_back_comes_first_again():
    wants.replace(MODEL, "ann", {"a": 0, "b": 1, "c": 2})
    taken = serve()
    wants.give_back(MODEL, taken)
    assert keys() == ["a", "b", "c"]
    wants.replace(MODEL, "ann", {"b": 0})
    wants.give_back(MODEL, taken)
    assert keys() == ["b"]


def test_what_is_made_is_wanted_for_as_long_as_one_listener_wants_it(monkeypatch):
    wants.replace(MODEL, "ann", {"a": 0, "b": 1})
    wants.replace(MODEL, "bea", {"a": 0})
    serve()
    assert wants.unwanted(MODEL, ["a", "b", "c"]) == {"c"}
    wants.forget(MODEL, "ann")
    assert wants.unwanted(MODEL, ["a", "b"]) == {"b"}
    wants.replace(MODEL, "bea", {}, making=["a"])
    assert keys() == []
    assert wants.unwanted(MODEL, ["a"]) == set()
    monkeypatch.setattr(wants, "WANT_EXPIRES_MS", 20)
    wants.replace(MODEL, "bea", {}, making=["a"])
    time.sleep(0.05)
    assert wants.unwanted(MODEL, ["a"]) == set(), "it may be listening"
    monkeypatch.setattr(wants, "ABANDONED_MS", 10)
    assert wants.unwanted(MODEL, ["a"]) == {"a"}


def test_taking_costs_no_more_commands_however_many_listen():
    def commands() -> int:
        return sum(each["calls"] for each in redis_client().info("commandstats").values())

    for n in range(100):
        wants.replace(MODEL, f"{n}.page", {f"{n}-{rank}": rank for rank in range(8)})
    wants.take_next(MODEL)
    before = commands()
    for _ in range(20):
        wants.take_next(MODEL)
    assert commands() - before <= 20 * 3 + 2


def test_a_want_that_is_not_renewed_expires(monkeypatch):
    monkeypatch.setattr(wants, "WANT_EXPIRES_MS", 50)
    wants.replace(MODEL, "ann", {"a": 0})
    monkeypatch.setattr(wants, "WANT_EXPIRES_MS", 30_000)
    wants.replace(MODEL, "bea", {"b": 1})
    time.sleep(0.1)
    assert keys() == ["b"]


def test_wants_are_expired_within_half_a_minute():
    wants.replace(MODEL, "ann", {"a": 0})
    (windows,) = redis_client().keys()
    kept = redis_client().pttl(windows) - wants.ABANDONED_MS
    assert 29_000 < kept <= 30_000


@pytest.mark.parametrize("listener", ["", "a b", "#served", "ann:bea", "ü"])
def test_listeners_are_opaque(listener):
    wants.replace(MODEL, listener, {"a": 0})
    assert wants.upcoming(MODEL) == [Candidate("a", listener)]
