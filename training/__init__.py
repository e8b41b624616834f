"""Makes training data, trains and measures the models; not part of the installed package."""
