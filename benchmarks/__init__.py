"""Measurements: each module prints its numbers and writes them into a page of docs/."""
