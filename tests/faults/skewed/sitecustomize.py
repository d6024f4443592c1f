"""A clock that is wrong in one process: the first one in PYTHONPATH gets to be imported by all.

The file that SKEWED_CLOCK names has a line for each kind of process: by how many seconds its clock
is ahead, and a part of its command. Only the time of day is changed; monotonic clocks go on.
"""

import datetime
import os
import sys
import time


def skew() -> float:
    try:
        with open(os.environ["SKEWED_CLOCK"]) as file:
            wrong = [line.strip().split(maxsplit=1) for line in file]
    except (KeyError, OSError):
        return 0
    command = " ".join(sys.orig_argv)
    return sum(float(seconds) for seconds, part in wrong if part in command)


seconds = skew()
if seconds:
    real_time, real = time.time, datetime.datetime
    ahead = datetime.timedelta(seconds=seconds)

    class OfAnyKind(type):
        """Lets what C code makes pass as ours."""

        def __instancecheck__(cls, instance):
            return isinstance(instance, real)

        def __subclasscheck__(cls, subclass):
            return issubclass(subclass, real)

    class Skewed(real, metaclass=OfAnyKind):
        @classmethod
        def now(cls, tz=None):
            return real.now(tz) + ahead

        @classmethod
        def utcnow(cls):
            return real.utcnow() + ahead

        @classmethod
        def today(cls):
            return real.today() + ahead

    time.time = lambda: real_time() + seconds
    datetime.datetime = Skewed
