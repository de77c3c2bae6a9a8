"""`kolay-invoice batch`: sends the operations of a file, each at most once."""
