"""Storing fitted models in files that run no code when they are loaded."""

from __future__ import annotations

import io
import json
import math
import platform
import sys
import zipfile
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from .._version import __version__
from ..storage.atomic import atomic_path
from .conformal import ConformalIntervals

# skops loads nothing by itself but what it knows to be harmless: these are our own classes and the
# parts of scikit-learn that our models are made of.
_TRUSTED_MODULES = ("vitreous.",)
_TRUSTED_TYPES = {
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
}


# Raised when models are stored in another way: attributes of `StoredModel` or of what it holds.
_RECIPE = 4
_ORIGIN = "vitreous.json"


# skops imports all of scikit-learn to know its estimators. These parts have none, and bring along
# all of torch and dask.
_ARRAY_LIBRARIES = tuple(f"sklearn.externals.array_api_compat.{name}" for name in ("torch", "dask"))


def _import_skops_io() -> ModuleType:
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
    hidden = [name for name in _ARRAY_LIBRARIES if name not in modules]
    modules.update(dict.fromkeys(hidden))
    try:
        return import_module("skops.io")
    finally:
        for name in hidden:
            del modules[name]


def _versions() -> dict[str, str]:
    packages = ("numpy", "scipy", "numba", "scikit-learn", "skops")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


@dataclass(frozen=True)
class StoredModel:
    """A fitted model and what it was fitted to.

    The settings of descriptor and regressor are those of the model itself:
    ``stored.model.get_params()``.

    Attributes
    ----------
    model : PropensityRegressor or TransferableRegressor
    system : str
        Name of the system it learnt from.
    label : str
        Label it predicts, such as ``"displacement"``.
    time : float
        Time of the label; NaN if the source did not give it, if each temperature has a time of its
        own, and for a model of all times.
    temperatures : tuple of float
        Temperatures of the training configurations.
    sources : tuple of str
        Where these came from.
    version : str
        Version of vitreous that stored it.
    fingerprints : tuple of str
        One for each training configuration, to recognise it.
    descriptors : str
        Name of the preset of the descriptors; empty where they were put together by hand.
    state : {"inherent", "thermal", "average", ""}
        Which positions of a configuration are described: those of its inherent structure, its own,
        or averages over the time before it, which it must be given; empty likewise.
    averaged_over : float
        How long that time was; NaN but for averages.
    intervals : ConformalIntervals or None
        Around its predictions, where they were asked for.
    groups : tuple of str
        Stretches of trajectories that the training configurations come from.
    versions : dict of str to str
        Versions of Python and of the packages that predictions depend on.
    times : tuple of float
        Time of the label at each of `temperatures`, NaN where there were several; empty if one time
        or all times were learnt.

    Examples
    --------
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.models import GroupedRidge, PropensityRegressor, StoredModel
    >>> model = PropensityRegressor(RadialDescriptor(), GroupedRidge())
    >>> stored = StoredModel(model, "KA2D", "displacement", 5.0, (0.4,), ("liquid.gsd",))
    >>> stored.require_system("KA", "other.gsd")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: other.gsd is of system KA, the model learnt from KA2D; ...
    """

    model: Any
    system: str
    label: str
    time: float
    temperatures: tuple[float, ...]
    sources: tuple[str, ...]
    version: str = __version__
    fingerprints: tuple[str, ...] = ()
    descriptors: str = ""
    intervals: ConformalIntervals | None = None
    groups: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=_versions)
    state: str = ""
    averaged_over: float = float("nan")
    times: tuple[float, ...] = ()

    def time_at(self, temperature: float) -> float:
        """Time of the label that was learnt at a temperature; NaN if there was none, or not one."""
        for known, time in zip(self.temperatures, self.times, strict=False):
            if math.isclose(known, temperature, rel_tol=1e-6):
                return time
        return self.time

    def require_system(self, system: str, source: str, allow_other_system: bool = False) -> None:
        """Refuse data of another system, unless `allow_other_system`.

        Raises
        ------
        ValueError
            If the systems differ.
        """
        if system != self.system and not allow_other_system:
            raise ValueError(
                f"{source} is of system {system}, the model learnt from {self.system}; to apply it "
                "all the same, set allow_other_system=True (--any-system)"
            )


def save_model(stored: StoredModel, path: str | Path) -> None:
    """Write a model to a skops file, whole or not at all; an older file is replaced.

    Beside what skops stores there is a plain-text entry with the version of vitreous, so that other
    versions can tell where the file comes from even if they cannot read it.

    Examples
    --------
    >>> import zipfile
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.models import GroupedRidge, PropensityRegressor, StoredModel, save_model
    >>> model = PropensityRegressor(RadialDescriptor(), GroupedRidge())
    >>> stored = StoredModel(model, "KA2D", "displacement", 5.0, (0.4,), ("liquid.gsd",))
    >>> with TemporaryDirectory() as folder:
    ...     save_model(stored, f"{folder}/model.skops")
    ...     with zipfile.ZipFile(f"{folder}/model.skops") as archive:
    ...         "vitreous.json" in archive.namelist()
    True
    """
    skops_io = _import_skops_io()
    origin = {"vitreous": stored.version, "recipe": _RECIPE}
    with atomic_path(path) as partial:
        partial.write_bytes(skops_io.dumps(vars(stored)))
        with zipfile.ZipFile(partial, "a") as archive:
            archive.writestr(_ORIGIN, json.dumps(origin))


def load_model(path: str | Path) -> StoredModel:
    """Read a model from a skops file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a model of this package; if it holds types that no such model needs, in which
        case no code in it is run; or if another version stored it in another way.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.models import GroupedRidge, PropensityRegressor, StoredModel
    >>> from vitreous.models import load_model, save_model
    >>> model = PropensityRegressor(RadialDescriptor(), GroupedRidge(alphas=[10.0]))
    >>> stored = StoredModel(model, "KA2D", "displacement", 5.0, (0.4,), ("liquid.gsd",))
    >>> with TemporaryDirectory() as folder:
    ...     save_model(stored, f"{folder}/model.skops")
    ...     loaded = load_model(f"{folder}/model.skops")
    >>> loaded.label, loaded.temperatures, loaded.model.regressor
    ('displacement', (0.4,), GroupedRidge(alphas=[10.0]))
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no model file {path}; vitreous fit writes one")
    skops_io = _import_skops_io()
    data = Path(path).read_bytes()
    try:
        version, recipe = _origin(data)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: not a model stored by vitreous ({error})") from error
    other = (
        f"{path}: stored by vitreous {version}, in a way that this version, {__version__}, does "
        f"not read; fit the model again, or use it with the version that stored it"
    )
    if recipe != _RECIPE:
        raise ValueError(other)
    try:
        types = skops_io.get_untrusted_types(data=data)
        foreign = [name for name in types if not _is_trusted(name)]
        if foreign:
            raise ValueError(f"it holds objects of foreign types: {', '.join(foreign)}")
        return StoredModel(**skops_io.loads(data, trusted=types))
    except (AttributeError, ImportError) as error:
        raise ValueError(f"{other} ({error})") from error
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        if version != __version__:
            raise ValueError(f"{other} ({error})") from error
        raise ValueError(f"{path}: not a model stored by vitreous ({error})") from error


def _origin(data: bytes) -> tuple[str, int]:
    """Version of vitreous that stored a model, and its way of storing."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if _ORIGIN in archive.namelist():
            origin = json.loads(archive.read(_ORIGIN))
            return str(origin["vitreous"]), int(origin["recipe"])
        # Before there was that entry; skops names the modules of all classes.
        if b'"vitreous.' in archive.read("schema.json"):
            return "before 0.1.0", 0
        raise ValueError("nothing in it is of vitreous")


def _is_trusted(name: str) -> bool:
    return name.startswith(_TRUSTED_MODULES) or name in _TRUSTED_TYPES
