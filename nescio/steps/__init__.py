"""The steps of the DAG: each reads an artifact folder, calls a room, and writes tables."""
