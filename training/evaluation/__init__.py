"""Measures of detection: sets, systems, metrics, tables."""
