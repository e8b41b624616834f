"""Looks at a cluster and its object store before a run: what is missing, how to mend it."""

from nescio.doctor.cluster import Need, examine_cluster
from nescio.doctor.finding import Finding
from nescio.doctor.storage import examine_buckets

__all__ = ["Finding", "Need", "examine_buckets", "examine_cluster"]
