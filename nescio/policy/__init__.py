"""What to hide and how: policies, and the decisions that they lead to."""

from nescio.policy.decide import decide
from nescio.policy.load import BUILT_IN, load_policy
from nescio.policy.model import Policy, Rule

__all__ = ["BUILT_IN", "Policy", "Rule", "decide", "load_policy"]
