"""How far the columns of a design say the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def variance_inflation(X: ArrayLike) -> NDArray[np.float64]:
    r"""By how much the other columns inflate the variance of each coefficient of least squares.

    .. math::

        \mathrm{VIF}_f = \frac{1}{1 - R_f^2} = (C^{-1})_{ff},

    with C the correlation matrix of the columns and :math:`R_f^2` the share of the variance of
    column f that a linear combination of all others explains. It is 1 for a column that shares
    nothing with the others. Above 10, nine tenths of a column are said by the others: its
    coefficient hangs on small differences, and may have either sign.

    Parameters
    ----------
    X : array_like, shape (n_samples, n_features)

    Returns
    -------
    ndarray, shape (n_features,)
        Infinite where a column is a combination of others to rounding, as all are where there are
        no more samples than columns. NaN for columns that do not vary.

    Raises
    ------
    ValueError
        If X is not a finite matrix with at least two rows.

    See Also
    --------
    vitreous.plots.feature_importance : marks bars whose columns are above a limit.

    Notes
    -----
    Memory and time are those of one matrix of ``n_features ** 2`` numbers and its eigenvectors.
    What a penalty does is not in it: ridge regression shrinks the coefficients of columns that say
    the same towards each other, which makes them stable and no easier to read.

    References
    ----------
    D. W. Marquardt, Technometrics 12, 591 (1970). A. Sharma, C. Liu, M. Ozawa, D. Coslovich,
    arXiv:2508.15933.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.models import variance_inflation
    >>> a, b, c = np.random.default_rng(0).normal(size=(3, 1000))
    >>> variance_inflation(np.column_stack([a, b, a + 0.1 * c])).round()
    array([99.,  1., 99.])
    """
    columns = np.asarray(X, dtype=np.float64)
    if columns.ndim != 2 or len(columns) < 2 or not np.isfinite(columns).all():
        raise ValueError(
            f"variance inflation needs a finite matrix of at least two rows; X has the shape "
            f"{columns.shape}"
        )
    n_samples, n_features = columns.shape
    mean = columns.mean(axis=0)
    columns = columns - mean
    scale = np.sqrt((columns**2).sum(axis=0))
    # Rounding leaves constant columns a spread of order machine epsilon times their mean.
    varies = scale > 1e-12 * np.sqrt(n_samples) * np.abs(mean)
    columns = columns[:, varies] / scale[varies]
    eigenvalues, vectors = np.linalg.eigh(columns.T @ columns)
    lost = eigenvalues <= len(eigenvalues) * np.finfo(float).eps * eigenvalues.max(initial=0.0)
    squares = vectors**2
    found = (squares[:, ~lost] / eigenvalues[~lost]).sum(axis=1)
    found[squares[:, lost].sum(axis=1) > 1e-6] = np.inf
    inflation = np.full(n_features, np.nan)
    inflation[varies] = found
    return inflation
