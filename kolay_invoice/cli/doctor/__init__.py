"""`kolay-invoice doctor`: what is assumed of the providers, checked with the user's account by reads only."""
