"""What X12 and EDIFACT have in common: segments, dates, faults, lines of stock and supply."""
