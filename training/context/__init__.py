"""Trains and measures the context models: ``dep_flag`` and section of paragraphs."""
