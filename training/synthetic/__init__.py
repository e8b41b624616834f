"""Synthetic people, text and documents."""
