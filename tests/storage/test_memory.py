"""Results are kept, and a slow protocol of the arguments worries nobody."""

import warnings

from joblib import Memory

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
