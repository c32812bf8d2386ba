"""A small invented shop that keeps the hub busy: its catalogue, its shoppers and its suppliers."""
