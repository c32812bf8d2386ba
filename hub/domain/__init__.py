"""The rules of stock: pure functions of values. Standard library only; no I/O, no clock, no async."""
