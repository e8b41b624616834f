"""The DAG, its packages, and how it is run, submitted and scheduled."""
