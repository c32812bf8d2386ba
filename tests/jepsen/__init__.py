"""A small Jepsen: many clients, processes that are killed, and a history that is checked after."""
