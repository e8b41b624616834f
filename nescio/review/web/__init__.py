"""The review page: a small web application for one person at this machine."""
