"""What a study of transfer finds."""

from __future__ import annotations

from dataclasses import dataclass

from ...campaigns import CampaignData
from ...models import TransferMatrix
from .together import Together


@dataclass(frozen=True, eq=False)
class TransferResults:
    """Everything that the report of a study of transfer shows.

    Attributes
    ----------
    data : CampaignData
    ridge : dict of str to TransferMatrix
        For each label, at all relative times (the last axis).
    together : Together
        One model of all temperatures, for the chosen label at the times that are shown.
    boosted : TransferMatrix
        For the chosen label at the bond-breaking time.

    Examples
    --------
    The study behind them simulates for minutes:

    >>> from vitreous.studies import open_study
    >>> results = open_study("ka2d_transfer", "study").run()  # doctest: +SKIP
    >>> results.boosted.pearson  # doctest: +SKIP
    """

    data: CampaignData
    ridge: dict[str, TransferMatrix]
    together: Together
    boosted: TransferMatrix
