"""What builds the functions, as their callers see it."""

from llvmlite import ir

def library_beyond(module: ir.Module, name: str, kind: ir.Type = ...) -> ir.Function: ...
