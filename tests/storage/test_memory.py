"""Results are kept by the arguments, which nobody spells out."""

import pickle

import numpy as np
from joblib import Memory

from vitreous.descriptors import RadialDescriptor
from vitreous.liquid import KobAndersen2D
from vitreous.models import describe_all
from vitreous.simulate import InherentStructure
from vitreous.storage.memory import cached


def noted(x, notes, n_jobs):
    with open(notes, "a") as file:
        file.write(f"{x}\n")
    return 2 * x


def test_results_are_kept_by_all_arguments_but_the_ignored(tmp_path):
    function = cached(Memory(tmp_path, verbose=0), noted, ignore=["n_jobs"])
    notes = str(tmp_path / "notes")
    assert [function(3, notes, 1), function(3, notes, n_jobs=2), function(4, notes, 1)] == [6, 6, 8]
    assert (tmp_path / "notes").read_text() == "3\n4\n"


class Unspeakable(int):
    """A number whose text would take too long."""

    def __repr__(self):
        raise AssertionError("arguments are written out as text")


def test_arguments_are_not_written_out_here_or_in_another_process(tmp_path):
    notes = str(tmp_path / "notes")
    function = cached(Memory(tmp_path, verbose=0), noted)
    sent = pickle.loads(pickle.dumps(function))
    assert function(3, notes, Unspeakable(1)) == sent(3, notes, Unspeakable(1)) == 6
    assert sent(4, notes, Unspeakable(1)) == function(4, notes, Unspeakable(1)) == 8
    assert (tmp_path / "notes").read_text() == "3\n4\n"


def test_no_room_writes_arguments_out(tmp_path):
    system = KobAndersen2D()
    liquid = system.random_configuration(100, 1)
    memory = Memory(tmp_path, verbose=0)
    (quenched,) = InherentStructure(system, memory=memory).transform([liquid])
    (features,) = describe_all(RadialDescriptor([1.0], 0.1).fit([quenched]), [quenched], memory)
    assert np.isfinite(features).all()
    assert len(list(tmp_path.rglob("output.pkl"))) == 2
    assert list(tmp_path.rglob("metadata.json")) == []
