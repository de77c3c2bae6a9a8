"""Measures the SDK beside what a user would pick instead: `python -m benchmarks`, or `nox -s benchmarks`."""
