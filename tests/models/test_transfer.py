import numpy as np
import pytest
from sklearn.base import clone

from vitreous.descriptors import RadialDescriptor
from vitreous.dynamics import pearson, standard_error
from vitreous.models import (
    GroupedRidge,
    PropensityRegressor,
    agreement,
    cross_predict,
    noise_ceiling,
    transfer_between_times,
    transfer_matrix,
)


@pytest.fixture
def model(coordinates):
    return PropensityRegressor(coordinates, GroupedRidge())


def test_every_entry_by_hand(problem, model):
    temperatures = np.array([0.5, 0.3, 0.5, 0.3, 0.5, 0.3, 0.3, 0.5, 0.3])
    result = transfer_matrix(
        model, problem.configurations, problem.labels, temperatures, halves=problem.halves
    )
    np.testing.assert_array_equal(result.conditions, [0.5, 0.3])
    np.testing.assert_array_equal(result.n_configurations, [4, 5])

    members = {t: np.flatnonzero(temperatures == t) for t in (0.5, 0.3)}
    is_a = [c.types == 0 for c in problem.configurations]
    for row, trained_at in enumerate((0.5, 0.3)):
        for column, tested_at in enumerate((0.5, 0.3)):
            scores = []
            for place, i in enumerate(members[tested_at]):
                train = [j for k, j in enumerate(members[trained_at]) if k % 4 != place % 4]
                fitted = clone(model).fit(
                    [problem.configurations[j] for j in train], [problem.labels[j] for j in train]
                )
                predicted = fitted.predict([problem.configurations[i]])[0]
                np.testing.assert_array_equal(result.predictions[row][i], predicted)
                scores.append(pearson(predicted[is_a[i]], problem.labels[i][is_a[i]]))
            assert result.pearson[row, column] == pytest.approx(np.mean(scores))
            assert result.standard_error[row, column] == pytest.approx(
                np.std(scores, ddof=1) / np.sqrt(len(scores))
            )
        ceilings = [noise_ceiling(*problem.halves[i][:, is_a[i]]) for i in members[trained_at]]
        assert result.noise_ceiling[row] == pytest.approx(np.mean(ceilings))


def test_number_of_workers_changes_nothing(problem):
    model = PropensityRegressor(RadialDescriptor(), GroupedRidge())
    data = problem.configurations, problem.labels, [0.5, 0.4, 0.3] * 3
    alone, shared = (transfer_matrix(model, *data, n_jobs=n_jobs) for n_jobs in (1, 2))
    np.testing.assert_array_equal(shared.pearson, alone.pearson)
    for one, other in zip(alone.predictions, shared.predictions, strict=True):
        np.testing.assert_array_equal(one, other)


def test_losses_are_paired_over_test_configurations(problem, model):
    """What makes a configuration hard for both models does not count."""
    temperatures = np.array([0.5, 0.3, 0.5, 0.3, 0.5, 0.3, 0.3, 0.5, 0.3])
    result = transfer_matrix(model, problem.configurations, problem.labels, temperatures)
    is_a = [c.types == 0 for c in problem.configurations]
    single = np.array(
        [
            [pearson(p[a], y[a]) for p, y, a in zip(row, problem.labels, is_a, strict=True)]
            for row in result.predictions
        ]
    )
    hot, cold = single[:, temperatures == 0.5], single[:, temperatures == 0.3]
    differences = [[hot[0] - hot[0], cold[1] - cold[0]], [hot[0] - hot[1], cold[1] - cold[1]]]
    for row, column in np.ndindex(2, 2):
        expected = differences[row][column]
        assert result.loss.value[row, column] == pytest.approx(expected.mean(), abs=1e-12)
        error = standard_error(expected)
        assert result.loss.standard_error[row, column] == pytest.approx(error, abs=1e-12)
        np.testing.assert_allclose(
            result.single_pearson[row][column], (hot if column == 0 else cold)[row]
        )


def test_what_models_chose_is_kept(problem, model):
    temperatures = [0.5, 0.4, 0.3] * 3
    result = transfer_matrix(model, problem.configurations, problem.labels, temperatures)
    assert result.choices.keys() == {"alpha_"}
    assert result.choices["alpha_"].shape == (3, 3)
    hot = [i for i, t in enumerate(temperatures) if t == 0.5]
    fitted = clone(model).fit(
        [problem.configurations[i] for i in hot[1:]], [problem.labels[i] for i in hot[1:]]
    )
    assert result.choices["alpha_"][0, 0] == fitted.regressors_["A"].alpha_


def test_noise_cannot_be_predicted_from_anywhere(problem, model):
    temperatures = [0.5, 0.4, 0.3] * 3
    labels = [
        label if t == 0.5 else np.random.default_rng(i).normal(size=len(label))
        for i, (label, t) in enumerate(zip(problem.labels, temperatures, strict=True))
    ]
    result = transfer_matrix(model, problem.configurations, labels, temperatures)
    assert result.pearson[0, 0] > 0.8
    assert abs(result.pearson[:, 1:]).max() < 0.3
    assert np.isnan(result.noise_ceiling).all()


def test_too_few_configurations_are_named(problem, model):
    with pytest.raises(ValueError, match=r"condition 0.4 has 1 configuration\(s\)"):
        transfer_matrix(model, problem.configurations, problem.labels, [0.5] * 8 + [0.4])
    with pytest.raises(ValueError, match="9 configurations need as many conditions"):
        transfer_matrix(model, problem.configurations, problem.labels, [0.5])


def test_several_labels_are_transferred_as_if_alone(problem, model):
    temperatures = [0.5, 0.4, 0.3] * 3
    squared = [np.square(label) for label in problem.labels]
    both = [np.stack(pair, axis=1) for pair in zip(problem.labels, squared, strict=True)]
    halves = [np.stack([half, half**2], axis=-1) for half in problem.halves]
    together = transfer_matrix(model, problem.configurations, both, temperatures, halves=halves)
    for number, labels in enumerate((problem.labels, squared)):
        alone = transfer_matrix(
            model,
            problem.configurations,
            labels,
            temperatures,
            halves=[half[..., number] for half in halves],
        )
        np.testing.assert_allclose(together.pearson[..., number], alone.pearson)
        np.testing.assert_allclose(together.standard_error[..., number], alone.standard_error)
        np.testing.assert_allclose(together.noise_ceiling[..., number], alone.noise_ceiling)


def test_some_of_several_labels_are_picked(problem, model):
    temperatures = [0.5, 0.4, 0.3] * 3
    powers = [np.stack([y, y**2, y**3], axis=1) for y in problem.labels]
    halves = [np.stack([half, half**2, half**3], axis=-1) for half in problem.halves]
    matrix = transfer_matrix(model, problem.configurations, powers, temperatures, halves=halves)
    last = matrix.of_labels(slice(1, 3))
    for number in range(2):
        one, other = last.of_label(number), matrix.of_label(number + 1)
        for name, estimate in one.agreement.items():
            np.testing.assert_array_equal(estimate.value, other.agreement[name].value)
            np.testing.assert_array_equal(estimate.interval(), other.agreement[name].interval())
        np.testing.assert_array_equal(one.noise_ceiling, other.noise_ceiling)
        np.testing.assert_array_equal(one.choices["alpha_"], other.choices["alpha_"])
        np.testing.assert_array_equal(one.loss.value, other.loss.value)
        np.testing.assert_array_equal(one.predictions[2][3], other.predictions[2][3])


def test_amplitudes_and_intervals_by_hand(problem, model):
    temperatures = np.array([0.5, 0.3, 0.5, 0.3, 0.5, 0.3, 0.3, 0.5, 0.3])
    result = transfer_matrix(model, problem.configurations, problem.labels, temperatures)
    is_a = [c.types == 0 for c in problem.configurations]
    for row in range(2):
        for column, tested_at in enumerate((0.5, 0.3)):
            test = np.flatnonzero(temperatures == tested_at)
            y = [problem.labels[i][is_a[i]] for i in test]
            p = [result.predictions[row][i][is_a[i]] for i in test]
            for name, expected in agreement(y, p).items():
                measured = result.agreement[name]
                assert measured.value[row, column] == expected.value
                low, high = expected.interval()
                assert measured.interval()[0][row, column] == pytest.approx(low)
                assert measured.interval()[1][row, column] == pytest.approx(high)
    np.testing.assert_array_equal(result.agreement["pearson_mean"].value, result.pearson)


def test_conditions_may_be_names_and_sizes(problem, model):
    names = np.array(["small", "large", "small"] * 3)
    by_name = transfer_matrix(model, problem.configurations, problem.labels, names)
    assert by_name.conditions.tolist() == ["large", "small"]
    sizes = np.where(names == "small", 160, 320)
    by_size = transfer_matrix(model, problem.configurations, problem.labels, sizes)
    assert by_size.conditions.tolist() == [320, 160]
    np.testing.assert_array_equal(by_name.pearson, by_size.pearson)


def test_transfer_between_times_by_hand(problem, model):
    rng = np.random.default_rng(0)
    labels = [np.stack([t, t**2 + rng.normal(size=len(t))], axis=1) for t in problem.labels]
    result = transfer_between_times(model, problem.configurations, labels, [1.0, 10.0])
    assert result.conditions.tolist() == [1.0, 10.0]
    assert result.n_configurations.tolist() == [9, 9]
    predicted = cross_predict(model, problem.configurations, labels, n_splits=5)
    for row in range(2):
        for column in range(2):
            scores = []
            for configuration, label, prediction in zip(
                problem.configurations, labels, predicted, strict=True
            ):
                is_a = configuration.types == 0
                scores.append(pearson(prediction[is_a, row], label[is_a, column]))
            assert result.pearson[row, column] == pytest.approx(np.mean(scores))
            assert result.standard_error[row, column] == pytest.approx(standard_error(scores))
    with pytest.raises(ValueError, match="a column for each of 3 times"):
        transfer_between_times(model, problem.configurations, labels, [1.0, 2.0, 3.0])
