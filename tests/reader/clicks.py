"""A race as a page hears of it: the clicks as they were, and what the server said, late or lost."""

import random
from collections import deque

from .page import Message
from .race import BLOCKS, Race, Session, slugs


class Clicks:
    """Turns what was sent and heard into events for the page's modules, in a time of their own."""

    def __init__(self, race: Race, chance: random.Random) -> None:
        self._race, self._chance = race, chance
        self._events: list[Message] = []
        self._heed: list[Message] = []  # a click on a block that is said to be ready

    def play(self, sockets: list[Session]) -> list[Message]:
        document = {"document_id": str(self._race.document.uuid)}
        self._events = [
            {
                "do": "open",
                "voice": slugs(self._race.voices[0]),
                "block_count": len(BLOCKS),
                "revision": sockets[0].revision,
                **document,
            },
            {
                "sounds": {
                    f"/audio/{variant}/{revision}/": {"voice": voice, "duration_ms": 400}
                    for variant, voice in self._race.sounds.items()
                    for revision in range(40)
                }
            },
            {"do": "play"},
        ]
        for number, session in enumerate(sockets):
            if number:
                self._events += self._chance.choice(
                    [[{"do": "come_back"}], [{"do": "disconnect"}, {"tick": 20_000}]]
                )
            self._events.append({"do": "connect"})
            self._play_session(number, session)
        self._events.append({"tick": 5_000})
        return self._events

    def _play_session(self, number: int, session: Session) -> None:
        self._seq = 0
        waiting = deque(session.heard)
        # The first message is the page's own affair: the voice it has.
        for sent, message in enumerate(session.sent):
            if sent and message["type"] == "set_voice":
                self._events.append({"do": "set_voice", **without_type(message)})
            self._perhaps_click()
            while waiting and waiting[0][0] <= sent and self._chance.random() < 0.8:
                self._deliver(number, waiting.popleft()[1])
        while waiting and self._chance.random() < 0.98:
            self._deliver(number, waiting.popleft()[1])

    def _deliver(self, number: int, message: Message) -> None:
        self._seq += 1
        said = {"server": message["type"], "socket": number, **without_type(message)}
        said["seq"] = self._seq
        if said["server"] == "ready":
            self._ready = said
        fate = self._chance.random()
        if fate < 0.01:
            return  # lost
        if message.get("status") == "cached" and self._chance.random() < 0.4:
            self._heed = [{"do": "play_from", "block_idx": message["block_idx"]}, {"tick": 25}]
        self._events += [said] * (2 if fate > 0.95 else 1)
        if fate < 0.03:  # asked for all again, because something was lost
            self._seq += 1
            self._events += [{"tick": 500}, {**self._ready, "seq": self._seq}]
        if self._chance.random() < 0.1:
            self._events.append(self._said_long_ago(number))
        self._perhaps_click()

    def _said_long_ago(self, number: int) -> Message:
        """Let something be said again: as it was, by any socket, or by a server that errs."""
        event = self._chance.choice([event for event in self._events if "server" in event])
        if event["server"] != "status" or self._chance.random() < 0.3:
            return event
        self._seq += 1
        return {**event, "socket": number, "seq": self._seq}

    def _perhaps_click(self) -> None:
        if self._chance.random() < 0.5:
            self._events += self._heed
            self._heed = []
        fate = self._chance.random()
        if fate < 0.4:
            self._events.append({"tick": self._chance.choice([1, 20, 30, 150, 500])})
        elif fate < 0.5:
            self._events.append(
                self._chance.choice(
                    [
                        {"do": "play_from", "block_idx": self._chance.randrange(len(BLOCKS))},
                        {"do": "play"},
                        {"do": "next"},
                        {"do": "pause"},
                        {"do": "play"},
                        {"do": "come_back"} if fate < 0.405 else {"do": "previous"},
                    ]
                )
            )


def without_type(message: Message) -> Message:
    return {key: value for key, value in message.items() if key != "type"}
