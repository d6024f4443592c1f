"""Send something to an address that a person names, and reach nothing that they should not."""

from __future__ import annotations

import http.client
from collections.abc import Mapping

from ..extraction import ExtractionError
from .fetching import TOO_SLOW, Deadline, connect, target_of

ANSWER_SECONDS = 15.0
READ_BYTES = 64 * 1024


def post(
    address: str, body: bytes, headers: Mapping[str, str], *, may_be_private: bool = False
) -> int:
    """Post a body and return the status of the answer. No redirect is followed.

    Every address of the name is checked, and the connection goes to one that was. Raises
    ExtractionError, in words for a person.
    """
    with Deadline(ANSWER_SECONDS) as deadline:
        connection = connect(address, deadline, may_be_private=may_be_private)
        try:
            sent = {"User-Agent": "Lectern", "Connection": "close", **headers}
            connection.request("POST", target_of(address), body=body, headers=sent)
            answer = connection.getresponse()
            answer.read(READ_BYTES)
            return int(answer.status)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if not deadline.left or isinstance(error, TimeoutError):
                raise ExtractionError(TOO_SLOW) from error
            raise ExtractionError("The site broke the connection off.") from error
        finally:
            deadline.guard(None)
            connection.close()
