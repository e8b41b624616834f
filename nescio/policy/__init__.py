"""What to hide and how: policies, and the decisions that follow from them."""

from nescio.policy.decide import decide
from nescio.policy.load import built_in_policies, load_policy
from nescio.policy.model import Policy

__all__ = ["Policy", "built_in_policies", "decide", "load_policy"]
