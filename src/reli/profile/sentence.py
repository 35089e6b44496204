"""Makes a parser into a validator that answers with the parser's own sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from reli_analysis.errors import ReliError

if TYPE_CHECKING:
    from collections.abc import Callable


def reader(parse: Callable[[Any], Any]) -> PlainValidator:
    """A validator whose message is the sentence of the error that ``parse`` raises.

    That is a ``ReliError`` or a ``ValueError``.
    """

    def read(value: Any) -> Any:
        try:
            return parse(value)
        except (ReliError, ValueError) as error:
            raise PydanticCustomError("reli", "{sentence}", {"sentence": str(error)}) from None

    return PlainValidator(read)
