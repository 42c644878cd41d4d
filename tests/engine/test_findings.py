"""What becomes of a finding whose programs cannot be asked."""

from __future__ import annotations

import asyncio
from typing import cast

from magneton.engine.explaining import Explainer
from magneton.engine.findings import _followed
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.result import Evidence


class Ended:
    """Asks a worker that is no more."""

    async def followed(self) -> None:
        raise MagnetonError("side a ended by itself with status 1", "it left", "run it by itself")


def test_what_was_measured_stands_where_nobody_answers() -> None:
    text = "where the sides part was not found: side a ended by itself with status 1 (it left)"
    found = asyncio.run(_followed(cast(Explainer, Ended())))
    assert found == (None, (Evidence("failed", text, None),))
