"""What to hide and how: policies, and the decisions that they lead to."""

from nescio.policy.decide import decide
from nescio.policy.explain import explain
from nescio.policy.load import BUILT_IN, frozen, load_policy, read_phrases, thawed
from nescio.policy.mapping import FileLedger, Mapping, MemoryLedger, ObjectLedger
from nescio.policy.merges import merged
from nescio.policy.model import Policy, Rule, Scope
from nescio.policy.population import population_risk
from nescio.policy.preview import preview
from nescio.policy.scopes import mark_scope, skipped_by
from nescio.policy.vault import (
    VaultLedger,
    check_vault,
    find_keys,
    new_key,
    open_vault,
    read_keys,
    rotate,
)
from nescio.policy.watch import Watch, breached_places, draw_shadow, report_rows, watch_rules

__all__ = [
    "BUILT_IN",
    "FileLedger",
    "Mapping",
    "MemoryLedger",
    "ObjectLedger",
    "Policy",
    "Rule",
    "Scope",
    "VaultLedger",
    "Watch",
    "breached_places",
    "check_vault",
    "decide",
    "draw_shadow",
    "explain",
    "find_keys",
    "frozen",
    "load_policy",
    "mark_scope",
    "merged",
    "new_key",
    "open_vault",
    "population_risk",
    "preview",
    "read_keys",
    "read_phrases",
    "report_rows",
    "rotate",
    "skipped_by",
    "thawed",
    "watch_rules",
]
