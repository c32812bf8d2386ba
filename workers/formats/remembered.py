"""What was told lately, remembered in bounded memory."""

MOST: int = 100_000
"""As many of the newest are remembered at least; twice as many at most."""


class Remembered:
    """Numbers by the hashes of what they are of."""

    def __init__(self) -> None:
        self._newer: dict[int, int] = {}
        self._older: dict[int, int] = {}

    def replace(self, key: int, value: int) -> int | None:
        """What was remembered until now, if anything was."""
        known = self._newer.get(key, self._older.get(key))
        if len(self._newer) >= MOST:
            self._newer, self._older = {}, self._newer
        self._newer[key] = value
        return known

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)
