"""How far the property tests explore.

The same examples are tried each time, so that a run says something about the change it is for. With
HUB_TEST_EXPLORE=20 in the environment there are twenty times as many, and new ones each time.
"""

import os

from hypothesis import settings

_TIMES = int(os.environ.get("HUB_TEST_EXPLORE", "0"))


def explored(examples: int, steps: int = 30) -> settings:
    """Settings for so many examples, of so many steps where there are steps.

    There is no deadline: the machine has other things to do.
    """
    return settings(
        max_examples=examples * max(1, _TIMES),
        stateful_step_count=steps,
        derandomize=_TIMES == 0,
        database=None,
        deadline=None,
        print_blob=True,
    )
