"""`kolay-invoice doctor`: checks the assumptions about the providers with the user's account, by reads only."""
