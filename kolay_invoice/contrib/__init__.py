"""Adapters to other people's libraries; each needs its own extra."""
