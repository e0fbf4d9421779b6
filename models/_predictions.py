"""What models return: an array for each configuration, and no table."""

from __future__ import annotations

from typing import NoReturn

from numpy.typing import NDArray


class Predictions(list[NDArray]):
    """List of the predictions for several configurations.

    Scores of scikit-learn, such as ``scoring="r2"``, would take configurations for samples and
    particles for targets, and give a number without meaning. They ask for the shape, which lists of
    arrays do not have.
    """

    @property
    def shape(self) -> NoReturn:
        """Refuse to be taken for a table."""
        raise TypeError(
            "predictions are a list with one array for each configuration, which scikit-learn's "
            "scores and tables cannot take: leave scoring out of cross_val_score for the mean "
            "Pearson correlation, use vitreous.models.propensity_scores, or np.concatenate both "
            "labels and predictions"
        )
