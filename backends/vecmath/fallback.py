"""The choice between the fast result and the C library's, as LLVM functions over vectors.

A loop with a branch to a scalar call would not be vectorised. So the choice is a function of its
own, with hand-made vector forms of which the loop vectoriser is told: a comparison and a return
where no argument is large, else lane by lane. It costs one call a vector.
"""

from __future__ import annotations

from llvmlite import ir


def library_beyond(module, name, kind=None):
    """The LLVM function (x, y) -> y, or the library's `name`(x) where |x| is large.

    Of float64 beyond 2**45, unless told otherwise, or of float32 beyond 2**17. The library's function
    is that of float64.
    """
    real = ir.DoubleType()
    kind = kind or real
    scalar_name = f"vecmath_{name}_beyond{'' if kind == real else 'f'}"
    if scalar_name in module.globals:
        return module.globals[scalar_name]
    library = module.globals.get(name)
    if library is None:
        library = ir.Function(module, ir.FunctionType(real, [real]), name)
        # Without nobuiltin the vectoriser would call the library for every element.
        for attribute in ("nounwind", "readnone", "nobuiltin"):
            library.attributes.add(attribute)
    scalar = choice(module, scalar_name, kind, 1, library)
    names = [(lanes, f"{scalar_name}_{lanes}") for lanes in (2, 4, 8, 16)]
    for lanes, vector_name in names:
        choice(module, vector_name, kind, lanes, scalar)
    # LLVM's vector function ABI: N for unmasked, the lanes, v for each vector argument. The
    # attribute is free text, which llvmlite's own `add` does not admit.
    forms = ",".join(f"_ZGV_LLVM_N{lanes}vv_{scalar_name}({form})" for lanes, form in names)
    set.add(scalar.attributes, f'"vector-function-abi-variant"="{forms}"')
    return scalar


def choice(module, name, kind, lanes, slow):
    """Define `name`(x, y) over `lanes` numbers: y, or lane by lane `slow` if any |x| is large."""
    shape = kind if lanes == 1 else ir.VectorType(kind, lanes)
    function = ir.Function(module, ir.FunctionType(shape, [shape, shape]), name)
    # Weak: every module brings its own copy, and none may be dropped before vectorisation.
    function.linkage = "weak_odr"
    for attribute in ("nounwind", "readnone", "noinline"):
        function.attributes.add(attribute)
    x, y = function.args
    builder = ir.IRBuilder(function.append_basic_block())
    bound = ir.Constant(kind, 2.0**45 if kind == ir.DoubleType() else 2.0**17)
    limit = bound if lanes == 1 else ir.Constant(shape, [bound] * lanes)
    above = builder.fcmp_ordered(">", x, limit)
    below = builder.fcmp_ordered("<", x, builder.fneg(limit))
    flags = builder.bitcast(builder.or_(above, below), ir.IntType(lanes))
    with builder.if_then(builder.icmp_unsigned("!=", flags, flags.type(0)), likely=False):
        if lanes == 1:
            real = ir.DoubleType()
            result = builder.call(slow, [x if kind == real else builder.fpext(x, real)])
            builder.ret(result if kind == real else builder.fptrunc(result, kind))
        else:
            result = y
            for lane in map(ir.IntType(32), range(lanes)):
                pair = [builder.extract_element(vector, lane) for vector in (x, y)]
                result = builder.insert_element(result, builder.call(slow, pair), lane)
            builder.ret(result)
    builder.ret(y)
    return function
