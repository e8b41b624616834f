"""One KFP component a module."""
