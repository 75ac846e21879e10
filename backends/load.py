"""Generated source as a module of this process."""

from __future__ import annotations

import hashlib
import linecache
import sys
from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any

_PREFIX = "actdsl_generated_"


def load(text: str, namespace: Mapping[str, Any] = MappingProxyType({})) -> ModuleType:
    """The module that a generated file defines; the same text gives the same module.

    Names in ``namespace`` are there before the text runs.

    The module is registered, so that pickle, torch.compile and tracebacks find it. Only text that
    this package has generated from a checked program may come here: it is executed.
    """
    name = _PREFIX + hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__dict__.update(namespace)
    module.__file__ = f"<{name}>"
    linecache.cache[module.__file__] = (len(text), None, text.splitlines(True), module.__file__)
    sys.modules[name] = module
    try:
        exec(compile(text, module.__file__, "exec"), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module
