"""Search: patterns, what the document knows of itself, and hybrid search inside one blob."""

from nescio.search.hybrid import hybrid_search
from nescio.search.lexicon import collect_lexicon
from nescio.search.linking import Conflict
from nescio.search.mapping import load_mapping, propose_columns, write_mapping
from nescio.search.patterns import find_patterns
from nescio.search.persons import LinkedPeople, Person, link_people, propagate, settle_people
from nescio.search.reference import ReferenceIndex
from nescio.search.reference_build import build_index
from nescio.search.reference_file import column_names
from nescio.search.repeats import repeats
from nescio.search.terms import find_entities, without_terms

__all__ = [
    "Conflict",
    "LinkedPeople",
    "Person",
    "ReferenceIndex",
    "build_index",
    "collect_lexicon",
    "column_names",
    "find_entities",
    "find_patterns",
    "hybrid_search",
    "link_people",
    "load_mapping",
    "propagate",
    "propose_columns",
    "repeats",
    "settle_people",
    "without_terms",
    "write_mapping",
]
