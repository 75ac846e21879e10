"""Functions of float32 in float32 arithmetic, each within 2 ulp: a vector holds twice as many numbers.

Only the native backend compiles them. A literal takes the type of what it meets, here float32, and
an argument that of the parameter.

Some have a form that ends in `_sumf`, which takes a small rest too: what rounding the argument has
taken. They are one; -0.0 is no rest, as a compiler knows that adding it changes nothing.
"""
