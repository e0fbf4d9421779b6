"""What every study does: simulate, learn, report, in a folder that keeps all of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, final

from joblib import Memory

from .._version import __version__
from ..campaigns import Campaign, CampaignData, CampaignSettings, open_settings
from ..campaigns.claim import claim_folder
from ..storage.progress import Progress, silent
from .sessions import made, recorded, run_command

if TYPE_CHECKING:
    from matplotlib.figure import Figure

S = TypeVar("S", bound=CampaignSettings)
R = TypeVar("R")

SETTINGS = "study.toml"
"""Name of the settings in the folder of a study."""

RESULTS = "results.json"
"""Name of the numbers of its report."""


class Study(ABC, Generic[S, R]):
    """A study in a folder: a campaign, what is learnt from it, and a report.

    A kind of study is a subclass that says what is learnt and what is shown. Its page is a Jinja
    template that extends ``frame.html`` and is given ``settings``, ``summary``, ``images`` (the
    figures by name, in base64) and what `words` returns; the frame ends it with when, how long and
    with what the study was run.

    Parameters
    ----------
    settings_file : str or Path
        TOML file with the settings.
    folder : str or Path
        Where results are kept; made if it does not exist.
    n_jobs : int
        Number of worker processes, as in joblib.
    progress : callable, optional
        Called with the name of a step, how much of it is done and how much there is.

    Attributes
    ----------
    Settings : type
        Attribute of the class: a dataclass of settings, those of a campaign and tables of its own,
        by which a file of this kind is recognized.
    template : Path
        Attribute of the class: the page.
    settings : CampaignSettings
        Of the type ``Settings``.
    system : System
    campaign : Campaign
    settings_file, folder : Path
    memory : joblib.Memory
        Keeps features and trained models in the folder.

    Raises
    ------
    ValueError
        If the settings are wrong, the engine cannot run the system here, or the folder holds
        another study.

    See Also
    --------
    open_study : opens a study of the kind that its file describes.

    Examples
    --------
    A kind of study that shows no more than the energy of inherent structures:

    >>> from importlib.resources import files
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.studies import Study
    >>> class EnergyStudy(Study):
    ...     Settings = CampaignSettings
    ...     def learn(self, data): return data.inherent_energies
    ...     def summary(self, results): return {"energies": results}
    ...     def figures(self, results): return iter(())
    >>> with TemporaryDirectory() as folder:
    ...     study = EnergyStudy(files("vitreous.datasets") / "samples" / "ka2d.toml", folder)
    >>> study.settings.title, study.summary({0.5: [-4.2]})
    ('KA2D at three temperatures', {'energies': {0.5: [-4.2]}})
    """

    Settings: ClassVar[type[Any]]
    template: ClassVar[Path]

    settings: S

    def __init__(
        self,
        settings_file: str | Path,
        folder: str | Path = "study",
        n_jobs: int = -1,
        progress: Progress = silent,
    ) -> None:
        self.settings, self.system = open_settings(self.Settings, settings_file)
        self.settings_file = Path(settings_file)
        self.folder = Path(folder)
        try:
            self.check()
            if not (self.folder / SETTINGS).exists():
                self.settings.require_engine(self.system)
        except ValueError as error:
            raise ValueError(f"{settings_file}: {error}") from error
        self.n_jobs = n_jobs
        self.progress = progress
        claim_folder(self.folder, SETTINGS, Path(settings_file), self.settings)
        self.campaign = Campaign(
            self.folder, self.settings, system=self.system, n_jobs=n_jobs, progress=progress
        )
        self.memory = Memory(self.folder / "cache", verbose=0)

    @classmethod
    def tables(cls) -> frozenset[str]:
        """Names of the settings that only this kind of study has."""
        of_campaigns = {field.name for field in fields(CampaignSettings)}
        return frozenset({field.name for field in fields(cls.Settings)} - of_campaigns)

    def check(self) -> None:
        """Raise a ValueError if the study cannot work; it must not wait for the simulations.

        By default nothing is checked. Settings and system are there, nothing else.
        """

    def prepare(self) -> CampaignData:
        """Simulate what has not been simulated yet; by default the campaign is all."""
        return self.campaign.prepare()

    def collect(self) -> CampaignData:
        """Read what `prepare` made before, or raise a RuntimeError that says what is missing."""
        return self.campaign.collect()

    @abstractmethod
    def learn(self, data: CampaignData) -> R:
        """Learn from what was simulated; what takes long goes through `memory`.

        Nothing is simulated here, since reports are written from what a folder holds.
        """

    @abstractmethod
    def summary(self, results: R) -> dict[str, Any]:
        """Collect the numbers in plain lists and dictionaries, ready for JSON."""

    @abstractmethod
    def figures(self, results: R) -> Iterator[tuple[str, Figure]]:
        """Draw the figures, one after the other, each with its name."""

    def words(self, summary: dict[str, Any]) -> dict[str, Any]:
        """Say for the page what the numbers mean; by default nothing is said."""
        return {}

    @final
    def run(self) -> R:
        """Do what has not been done yet and return all results.

        Raises
        ------
        RuntimeError
            If the configurations of a simulated temperature fail the test of equilibrium, unless
            the setting ``equilibration.label_unequilibrated`` says that they are to be labelled.
        """
        with recorded(self.folder, self.settings_file, self.n_jobs):
            return self.learn(self.prepare())

    @final
    def results(self) -> R:
        """Results of a study that was run before; nothing is simulated.

        Raises
        ------
        RuntimeError
            If it was not run to its end; the message says what is missing and what makes it.
        """
        command = run_command(self.folder / SETTINGS, self.folder)
        try:
            data = self.collect()
            if not (self.folder / RESULTS).is_file():
                raise RuntimeError("models are not trained")
        except RuntimeError as error:
            raise RuntimeError(
                f"the study in {self.folder} is not finished: {error}; go on with {command}"
            ) from error
        return self.learn(data)

    @final
    def report(self, results: R) -> Path:
        """Write ``report.html``, ``results.json`` and the figures (PNG and SVG) into the folder.

        Files of an earlier report are replaced, each whole or not at all.

        Returns
        -------
        Path
            Of the HTML page, which needs no other file.
        """
        from .page import write_page

        summary = {
            "title": self.settings.title,
            "version": __version__,
            **self.summary(results),
        }
        return write_page(
            self.template,
            self.folder,
            self.figures(results),
            summary=summary,
            settings=self.settings,
            made=made(self.folder),
            **self.words(summary),
        )
