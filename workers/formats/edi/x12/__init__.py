"""ANSI X12: interchanges, the transaction sets that tell of stock, and the 997 that answers."""
