"""The blocking twins: one event loop in a thread of its own, and what every blocking client shares."""
