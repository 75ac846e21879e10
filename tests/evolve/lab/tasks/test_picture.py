from __future__ import annotations

import io

import matplotlib.image
import numpy as np
import pytest

from actdsl.evolve.lab.tasks import Shift, feynman, picture, polynomial


@pytest.mark.parametrize(
    "task", [polynomial(1, 3, 1), feynman("I.40.1"), polynomial(2, 2, 1).shifted(Shift.HOLE)]
)
def test_a_task_plots_itself(task):
    image = matplotlib.image.imread(io.BytesIO(picture(task)), format="png")
    assert image.shape[0] > 300
    assert image.shape[1] > 700
    assert len(np.unique(image.reshape(-1, image.shape[2]), axis=0)) > 10
