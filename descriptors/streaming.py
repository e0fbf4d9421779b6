"""Features of more configurations than the memory holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from itertools import chain, islice
from os import PathLike
from typing import Any

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray

from ..storage.atomic import atomic_path
from ..storage.progress import Progress, silent, tracked


def stream_features(
    descriptor: Any,
    configurations: Iterable[Any],
    read: Callable[[Any], Any] | None = None,
    n_jobs: int | None = None,
    progress: Progress = silent,
) -> Iterator[NDArray[Any]]:
    """Describe configurations one after the other, holding one for each worker.

    Parameters
    ----------
    descriptor : fitted transformer
        A descriptor, or a ``FeatureUnion`` or ``Pipeline`` that turns a list of configurations into
        one row per particle.
    configurations : iterable of Configuration
        Of any length. It is gone through once, as the features are taken, so that a generator need
        not hold more than one configuration.
    read : callable, optional
        Turns each item of ``configurations``, such as the name of a file, into a ``Configuration``.
        It is called by the workers.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    progress : callable, optional
        Called with "describe", the number of configurations done and that of all, 0 if unknown.

    Yields
    ------
    ndarray, shape (n_particles, n_features)
        One array per configuration, in their order.

    Raises
    ------
    ValueError
        If a configuration is none that the descriptor was fitted for.

    Examples
    --------
    >>> from vitreous.descriptors import BondOrderDescriptor, stream_features
    >>> from vitreous.liquid import KobAndersen2D
    >>> trajectory = (KobAndersen2D().random_configuration(150, seed) for seed in range(4))
    >>> descriptor = BondOrderDescriptor(orders=[6], shells=[1.0]).fit([next(trajectory)])
    >>> [features.shape for features in stream_features(descriptor, trajectory)]
    [(150, 1), (150, 1), (150, 1)]
    """

    def describe(item: Any) -> NDArray[Any]:
        configuration = item if read is None else read(item)
        return np.asarray(descriptor.transform([configuration]))

    total = len(configurations) if isinstance(configurations, Sized) else 0
    with Parallel(n_jobs=n_jobs, prefer="threads") as parallel:
        blocks = _blocks(describe, iter(configurations), parallel)
        yield from tracked("describe", blocks, total, progress)


def _blocks(
    describe: Callable[[Any], NDArray[Any]], items: Iterator[Any], parallel: Parallel
) -> Iterator[NDArray[Any]]:
    n_workers = effective_n_jobs(parallel.n_jobs)
    while taken := list(islice(items, n_workers)):
        yield from parallel(delayed(describe)(item) for item in taken)


def save_features(
    path: str | PathLike[str],
    descriptor: Any,
    configurations: Iterable[Any],
    read: Callable[[Any], Any] | None = None,
    n_jobs: int | None = None,
    progress: Progress = silent,
) -> NDArray[Any]:
    """Describe configurations into a file, and return it as an array that stays on the disk.

    The memory needed is that of one configuration for each worker, however many there are. The file
    takes its name when it is complete: an interrupted call leaves what was there before.

    Parameters
    ----------
    path : path-like
        The file to write, in the ``.npy`` format of NumPy.
    descriptor, configurations, read, n_jobs, progress
        As in :func:`stream_features`.

    Returns
    -------
    memmap, shape (n_particles_total, n_features)
        Rows in the order of the configurations, then of their particles. To be opened again by
        ``numpy.load(path, mmap_mode="r")``.

    Raises
    ------
    ValueError
        If there are no configurations, or one is none that the descriptor was fitted for, or the
        name does not end in ``.npy``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.descriptors import BondOrderDescriptor, save_features
    >>> from vitreous.liquid import KobAndersen2D
    >>> trajectory = [KobAndersen2D().random_configuration(150, seed) for seed in range(3)]
    >>> descriptor = BondOrderDescriptor(orders=[6], shells=[1.0]).fit(trajectory)
    >>> with TemporaryDirectory() as folder:
    ...     save_features(folder + "/features.npy", descriptor, trajectory).shape
    (450, 1)
    """
    if not str(path).endswith(".npy"):
        raise ValueError(
            f"features are saved as .npy; give the file a name that ends so, not {path}"
        )
    blocks = stream_features(descriptor, configurations, read, n_jobs, progress)
    first = next(blocks, None)
    if first is None:
        raise ValueError("expected at least one configuration, got none")
    n_rows = 0
    with atomic_path(str(path)) as partial, open(partial, "wb") as file:
        # NumPy leaves room in the header for a larger number of rows.
        _write_header(file, first.dtype, (0, first.shape[1]))
        start = file.tell()
        for block in chain([first], blocks):
            np.ascontiguousarray(block, first.dtype).tofile(file)
            n_rows += len(block)
        file.seek(0)
        _write_header(file, first.dtype, (n_rows, first.shape[1]))
        if file.tell() != start:
            raise RuntimeError(f"the header of {path} has no room for {n_rows} rows")
    return np.load(path, mmap_mode="r")


def _write_header(file: Any, dtype: np.dtype[Any], shape: tuple[int, int]) -> None:
    description = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, description)
