from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from conftest_evolve import settled

from actdsl.evolve import Archive, Status
