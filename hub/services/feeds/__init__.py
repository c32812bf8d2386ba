"""Feeds for partners: each reader is a place in the change log, and may come back to it."""
