"""`python -m kolay_invoice.cli` is `kolay-invoice`."""

from kolay_invoice.cli import main

main()
