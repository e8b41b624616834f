"""Draws: none equals an original of the document or holds one that could be searched for."""

from __future__ import annotations

from nescio.policy import Mapping
from nescio.policy.draws import Draws


def test_no_draw_holds_another_original_after_a_prefix() -> None:
    proposals = iter(["OSU1537-010/059", "OSU1537-010/060"])
    draws = Draws(Mapping(), ["ABC1234-111/222", "010/059", "010"])
    assert draws.value(("id", "1"), lambda: next(proposals)) == "OSU1537-010/060"
