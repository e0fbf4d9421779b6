"""Results are kept, and a slow protocol of the arguments worries nobody."""

import warnings

import numpy as np
import pytest
from joblib import Memory
from joblib.memory import MemorizedFunc

from vitreous.descriptors import RadialDescriptor
from vitreous.liquid import KobAndersen2D
from vitreous.models import describe_all
from vitreous.simulate import InherentStructure
from vitreous.storage.memory import cached


def noted(x, notes, n_jobs):
    with open(notes, "a") as file:
        file.write(f"{x}\n")
    warnings.warn("Persisting input arguments took 9.99s to run.", UserWarning, stacklevel=1)
    return 2 * x


def test_results_are_kept_by_all_arguments_but_the_ignored(tmp_path):
    function = cached(Memory(tmp_path, verbose=0), noted, ignore=["n_jobs"])
    notes = str(tmp_path / "notes")
    assert [function(3, notes, 1), function(3, notes, n_jobs=2), function(4, notes, 1)] == [6, 6, 8]
    assert (tmp_path / "notes").read_text() == "3\n4\n"


@pytest.fixture
def slow_protocol(monkeypatch):
    """Let joblib warn at every call, as it does on a busy machine."""
    original = MemorizedFunc.__call__

    def call(self, *arguments, **keywords):
        warnings.warn("Persisting input arguments took 9.99s to run.", UserWarning, stacklevel=1)
        return original(self, *arguments, **keywords)

    monkeypatch.setattr(MemorizedFunc, "__call__", call)


@pytest.mark.usefixtures("slow_protocol")
def test_no_room_worries_anybody_with_a_slow_protocol(tmp_path):
    """Warnings are errors in these tests."""
    system = KobAndersen2D()
    liquid = system.random_configuration(100, 1)
    memory = Memory(tmp_path, verbose=0)
    (quenched,) = InherentStructure(system, memory=memory).transform([liquid])
    (features,) = describe_all(RadialDescriptor([1.0], 0.1).fit([quenched]), [quenched], memory)
    assert np.isfinite(features).all()
