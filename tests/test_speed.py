"""The seconds of ``benchmarks/speed.py``, at twice their limits: these machines are shared."""

import pytest

from benchmarks.speed import measure


@pytest.mark.slow
@pytest.mark.alone
def test_a_postcard_an_import_and_the_memory_stay_within_twice_their_limits():
    figures = measure()
    assert figures["import tripkit, s"] < 2 * 0.3
    assert figures["postcard, s"] < 2 * 3
    assert figures["peak memory, GB"] is None or figures["peak memory, GB"] < 1.5
