"""`kolay-invoice batch`: operations of a file, each sent at most once, however often it is interrupted."""
