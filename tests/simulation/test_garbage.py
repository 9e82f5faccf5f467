"""When Python looks for garbage."""

from __future__ import annotations

import gc

from flowconc.simulation.garbage import not_collecting_garbage


def test_none_is_collected_within_and_as_before_after():
    assert gc.isenabled()
    with not_collecting_garbage():
        assert not gc.isenabled()
        with not_collecting_garbage():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
