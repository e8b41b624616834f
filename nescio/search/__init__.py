"""Search: patterns, what the document knows of itself, and hybrid search inside one blob."""

from nescio.search.hybrid import hybrid_search
from nescio.search.lexicon import collect_lexicon
from nescio.search.linking import Conflict
from nescio.search.patterns import find_patterns
from nescio.search.persons import LinkedPeople, Person, link_people, propagate, settle_people
from nescio.search.reference import ReferenceIndex

__all__ = [
    "Conflict",
    "LinkedPeople",
    "Person",
    "ReferenceIndex",
    "collect_lexicon",
    "find_patterns",
    "hybrid_search",
    "link_people",
    "propagate",
    "settle_people",
]
