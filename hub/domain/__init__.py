"""The rules of stock: pure functions of values. Standard library only.

No I/O, no clock, no async: time and ids are passed in.
"""
