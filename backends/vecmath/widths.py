"""Numbers of 32 bits, as annotations: by them a translator knows in what `single` computes."""

from __future__ import annotations

from typing import TypeAlias

float32: TypeAlias = float
int32: TypeAlias = int
