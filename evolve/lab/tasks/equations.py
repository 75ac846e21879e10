"""The 100 equations of the AI Feynman data set, one row each.

Names are those of the Feynman Lectures on Physics (volume.chapter.equation). A row gives the
formula and, for each range, the variables drawn from it. Source: Udrescu and Tegmark, "AI Feynman:
a physics-inspired method for symbolic regression", Science Advances 6, eaay2631 (2020),
arXiv:1905.11481, supplementary tables.

Formulas are written so that every point of the ranges has a finite value; ``DEGENERATE`` lists the
equations that need care for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .formula import Formula

Range = tuple[float, float]


@dataclass(frozen=True)
class Equation:
    """A named formula with the variables that a task samples and the range of each."""

    name: str
    formula: Formula
    variables: tuple[str, ...]
    ranges: tuple[Range, ...]


def _row(name: str, formula: str, ranges: dict[Range, str]) -> Equation:
    of_variable = {v: bounds for bounds, names in ranges.items() for v in names.split()}
    return Equation(name, Formula(formula), tuple(of_variable), tuple(of_variable.values()))


EQUATIONS: tuple[Equation, ...] = (
    _row("I.6.2a", "exp(-theta**2 / 2) / sqrt(2*pi)", {(1, 3): "theta"}),
    _row("I.6.2", "exp(-(theta/sigma)**2 / 2) / (sqrt(2*pi)*sigma)", {(1, 3): "theta sigma"}),
    _row(
        "I.6.2b",
        "exp(-((theta - theta1)/sigma)**2 / 2) / (sqrt(2*pi)*sigma)",
        {(1, 3): "theta theta1 sigma"},
    ),
    _row("I.8.14", "sqrt((x2 - x1)**2 + (y2 - y1)**2)", {(1, 5): "x1 x2 y1 y2"}),
    _row(
        "I.9.18",
        "G*m1*m2 / ((x2 - x1)**2 + (y2 - y1)**2 + (z2 - z1)**2)",
        {(1, 2): "G m1 m2 x2 y2 z2", (3, 4): "x1 y1 z1"},
    ),
    _row("I.10.7", "m_0 / sqrt(1 - (v/c)**2)", {(1, 5): "m_0", (1, 2): "v", (3, 10): "c"}),
    _row("I.11.19", "x1*y1 + x2*y2 + x3*y3", {(1, 5): "x1 x2 x3 y1 y2 y3"}),
    _row("I.12.1", "mu*N", {(1, 5): "mu N"}),
    _row("I.12.2", "q1*q2 / (4*pi*epsilon*r**2)", {(1, 5): "q1 q2 epsilon r"}),
    _row("I.12.4", "q1 / (4*pi*epsilon*r**2)", {(1, 5): "q1 epsilon r"}),
    _row("I.12.5", "q2*E", {(1, 5): "q2 E"}),
    _row("I.12.11", "q*(E + B*v*sin(theta))", {(1, 5): "q E B v theta"}),
    _row("I.13.4", "m*(u**2 + v**2 + w**2) / 2", {(1, 5): "m u v w"}),
    _row("I.13.12", "G*m1*m2*(1/r2 - 1/r1)", {(1, 5): "G m1 m2 r1 r2"}),
    _row("I.14.3", "m*g*z", {(1, 5): "m g z"}),
    _row("I.14.4", "k*x**2 / 2", {(1, 5): "k x"}),
    _row(
        "I.15.3x",
        "(x - u*t) / sqrt(1 - (u/c)**2)",
        {(5, 10): "x", (1, 2): "u t", (3, 20): "c"},
    ),
    _row(
        "I.15.3t",
        "(t - u*x / c**2) / sqrt(1 - (u/c)**2)",
        {(1, 5): "t x", (1, 2): "u", (3, 10): "c"},
    ),
    _row("I.15.1", "m_0*v / sqrt(1 - (v/c)**2)", {(1, 5): "m_0", (1, 2): "v", (3, 10): "c"}),
    _row("I.16.6", "(u + v) / (1 + u*v / c**2)", {(1, 5): "u v c"}),
    _row("I.18.4", "(m1*r1 + m2*r2) / (m1 + m2)", {(1, 5): "m1 m2 r1 r2"}),
    _row("I.18.12", "r*F*sin(theta)", {(1, 5): "r F", (0, 5): "theta"}),
    _row("I.18.14", "m*r*v*sin(theta)", {(1, 5): "m r v theta"}),
    _row("I.24.6", "m*(omega**2 + omega_0**2)*x**2 / 4", {(1, 3): "m omega omega_0 x"}),
    _row("I.25.13", "q/C", {(1, 5): "q C"}),
    _row("I.26.2", "arcsin(n*sin(theta2))", {(0, 1): "n", (1, 5): "theta2"}),
    _row("I.27.6", "1 / (1/d1 + n/d2)", {(1, 5): "d1 d2 n"}),
    _row("I.29.4", "omega/c", {(1, 10): "omega c"}),
    _row(
        "I.29.16",
        "sqrt((x1 - x2)**2 + 4*x1*x2*sin((theta1 - theta2)/2)**2)",
        {(1, 5): "x1 x2 theta1 theta2"},
    ),
    _row("I.30.3", "I_0*(sin(n*theta/2) / sin(theta/2))**2", {(1, 5): "I_0 n theta"}),
    _row("I.30.5", "arcsin(lambda_ / (n*d))", {(1, 2): "lambda_", (1, 5): "n", (2, 5): "d"}),
    _row("I.32.5", "q**2 * a**2 / (6*pi*epsilon*c**3)", {(1, 5): "q a epsilon c"}),
    _row(
        "I.32.17",
        "4*pi/3 * epsilon*c*E**2 * r**2 * omega**4 / (omega**2 - omega_0**2)**2",
        {(1, 2): "epsilon c E r omega", (3, 5): "omega_0"},
    ),
    _row("I.34.8", "q*v*B/p", {(1, 5): "q v B p"}),
    _row("I.34.1", "omega_0 / (1 - v/c)", {(1, 5): "omega_0", (1, 2): "v", (3, 10): "c"}),
    _row(
        "I.34.14",
        "(1 + v/c) / sqrt(1 - (v/c)**2) * omega_0",
        {(1, 5): "omega_0", (1, 2): "v", (3, 10): "c"},
    ),
    _row("I.34.27", "h*omega / (2*pi)", {(1, 5): "h omega"}),
    _row("I.37.4", "I1 + I2 + 2*sqrt(I1*I2)*cos(delta)", {(1, 5): "I1 I2 delta"}),
    _row("I.38.12", "epsilon*h**2 / (pi*m*q**2)", {(1, 5): "epsilon h m q"}),
    _row("I.39.1", "3/2 * p*V", {(1, 5): "p V"}),
    _row("I.39.11", "p*V / (gamma - 1)", {(1, 5): "p V", (2, 5): "gamma"}),
    _row("I.39.22", "n*k_B*T/V", {(1, 5): "n k_B T V"}),
    _row("I.40.1", "n_0*exp(-m*g*x / (k_B*T))", {(1, 5): "n_0 m g x k_B T"}),
    _row(
        "I.41.16",
        "h*omega**3 / (2 * pi**3 * c**2 * expm1(h*omega / (2*pi*k_B*T)))",
        {(1, 5): "h omega c k_B T"},
    ),
    _row("I.43.16", "mu*q*V/d", {(1, 5): "mu q V d"}),
    _row("I.43.31", "mu*k_B*T", {(1, 5): "mu k_B T"}),
    _row("I.43.43", "k_B*v / ((gamma - 1)*A)", {(1, 5): "k_B v A", (2, 5): "gamma"}),
    _row("I.44.4", "n*k_B*T*log(V2/V1)", {(1, 5): "n k_B T V1 V2"}),
    _row("I.47.23", "sqrt(gamma*p/rho)", {(1, 5): "gamma p rho"}),
    _row("I.48.2", "m*c**2 / sqrt(1 - (v/c)**2)", {(1, 5): "m", (1, 2): "v", (3, 10): "c"}),
    _row(
        "I.50.26",
        "x1*(cos(omega*t) + alpha*cos(omega*t)**2)",
        {(1, 3): "x1 omega t alpha"},
    ),
    _row("II.2.42", "kappa*(T2 - T1)*A/d", {(1, 5): "kappa T1 T2 A d"}),
    _row("II.3.24", "P / (4*pi*r**2)", {(1, 5): "P r"}),
    _row("II.4.23", "q / (4*pi*epsilon*r)", {(1, 5): "q epsilon r"}),
    _row("II.6.11", "p*cos(theta) / (4*pi*epsilon*r**2)", {(1, 3): "p theta epsilon r"}),
    _row(
        "II.6.15a",
        "3*p*z*sqrt(x**2 + y**2) / (4*pi*epsilon*r**5)",
        {(1, 3): "p x y z epsilon r"},
    ),
    _row(
        "II.6.15b",
        "3*p*cos(theta)*sin(theta) / (4*pi*epsilon*r**3)",
        {(1, 3): "p theta epsilon r"},
    ),
    _row("II.8.7", "3/5 * q**2 / (4*pi*epsilon*d)", {(1, 5): "q epsilon d"}),
    _row("II.8.31", "epsilon*E**2 / 2", {(1, 5): "epsilon E"}),
    _row("II.10.9", "sigma / (epsilon*(1 + chi))", {(1, 5): "sigma epsilon chi"}),
    _row(
        "II.11.3",
        "q*E / (m*(omega_0**2 - omega**2))",
        {(1, 3): "q E m", (3, 5): "omega_0", (1, 2): "omega"},
    ),
    _row(
        "II.11.17",
        "n_0*(1 + p*E*cos(theta) / (k_B*T))",
        {(1, 3): "n_0 p E theta k_B T"},
    ),
    _row("II.11.20", "n*p**2 * E / (3*k_B*T)", {(1, 5): "n p E k_B T"}),
    _row(
        "II.11.27",
        "n*alpha / (1 - n*alpha/3) * epsilon*E",
        {(0, 1): "n alpha", (1, 2): "epsilon E"},
    ),
    _row("II.11.28", "1 + n*alpha / (1 - n*alpha/3)", {(0, 1): "n alpha"}),
    _row("II.13.17", "I / (2*pi*epsilon*c**2 * r)", {(1, 5): "I epsilon c r"}),
    _row("II.13.23", "rho_0 / sqrt(1 - (v/c)**2)", {(1, 5): "rho_0", (1, 2): "v", (3, 10): "c"}),
    _row("II.13.34", "rho_0*v / sqrt(1 - (v/c)**2)", {(1, 5): "rho_0", (1, 2): "v", (3, 10): "c"}),
    _row("II.15.4", "-mu*B*cos(theta)", {(1, 5): "mu B theta"}),
    _row("II.15.5", "-p*E*cos(theta)", {(1, 5): "p E theta"}),
    _row(
        "II.21.32",
        "q / (4*pi*epsilon*r*(1 - v/c))",
        {(1, 5): "q epsilon r", (1, 2): "v", (3, 10): "c"},
    ),
    _row(
        "II.24.17",
        "sqrt((omega/c)**2 - (pi/d)**2)",
        {(4, 6): "omega", (1, 2): "c", (2, 4): "d"},
    ),
    _row("II.27.16", "epsilon*c*E**2", {(1, 5): "epsilon c E"}),
    _row("II.27.18", "epsilon*E**2", {(1, 5): "epsilon E"}),
    _row("II.34.2a", "q*v / (2*pi*r)", {(1, 5): "q v r"}),
    _row("II.34.2", "q*v*r / 2", {(1, 5): "q v r"}),
    _row("II.34.11", "g*q*B / (2*m)", {(1, 5): "g q B m"}),
    _row("II.34.29a", "q*h / (4*pi*m)", {(1, 5): "q h m"}),
    _row("II.34.29b", "2*pi*g*mu*B*J_z / h", {(1, 5): "g mu B J_z h"}),
    _row(
        "II.35.18",
        "n_0 / (exp(mu*B / (k_B*T)) + exp(-mu*B / (k_B*T)))",
        {(1, 3): "n_0 mu B k_B T"},
    ),
    _row("II.35.21", "n*mu*tanh(mu*B / (k_B*T))", {(1, 5): "n mu B k_B T"}),
    _row(
        "II.36.38",
        "mu*H / (k_B*T) + mu*alpha*M / (epsilon*c**2 * k_B*T)",
        {(1, 3): "mu H k_B T alpha M epsilon c"},
    ),
    _row("II.37.1", "mu*(1 + chi)*B", {(1, 5): "mu chi B"}),
    _row("II.38.3", "Y*A*x/d", {(1, 5): "Y A x d"}),
    _row("II.38.14", "Y / (2*(1 + sigma))", {(1, 5): "Y sigma"}),
    _row("III.4.32", "1 / expm1(h*omega / (2*pi*k_B*T))", {(1, 5): "h omega k_B T"}),
    _row(
        "III.4.33",
        "h*omega / (2*pi*expm1(h*omega / (2*pi*k_B*T)))",
        {(1, 5): "h omega k_B T"},
    ),
    _row("III.7.38", "4*pi*mu*B / h", {(1, 5): "mu B h"}),
    _row("III.8.54", "sin(2*pi*E*t / h)**2", {(1, 2): "E t", (1, 4): "h"}),
    _row(
        "III.9.52",
        "2*pi*p*E*t/h * sinc((omega - omega_0)*t / (2*pi))**2",
        {(1, 3): "p E t h", (1, 5): "omega omega_0"},
    ),
    _row("III.10.19", "mu*sqrt(B_x**2 + B_y**2 + B_z**2)", {(1, 5): "mu B_x B_y B_z"}),
    _row("III.12.43", "n*h / (2*pi)", {(1, 5): "n h"}),
    _row("III.13.18", "4*pi*E*d**2 * k / h", {(1, 5): "E d k h"}),
    _row("III.14.14", "I_0*expm1(q*V / (k_B*T))", {(1, 5): "I_0", (1, 2): "q V k_B T"}),
    _row("III.15.12", "2*U*(1 - cos(k*d))", {(1, 5): "U k d"}),
    _row("III.15.14", "h**2 / (8 * pi**2 * E*d**2)", {(1, 5): "h E d"}),
    _row("III.15.27", "2*pi*alpha / (n*d)", {(1, 5): "alpha n d"}),
    _row("III.17.37", "beta*(1 + alpha*cos(theta))", {(1, 5): "beta alpha theta"}),
    _row(
        "III.19.51",
        "-m*q**4 / (8 * epsilon**2 * h**2 * n**2)",
        {(1, 5): "m q epsilon h n"},
    ),
    _row("III.21.20", "-rho*q*A / m", {(1, 5): "rho q A m"}),
)
"""Every row, in the order of the Lectures as the data set lists them."""

DEGENERATE: dict[str, str] = {
    "I.8.14": "a conical point where the two points coincide: finite, without a slope",
    "I.26.2": "arcsin(1) and arcsin(-1) at n = 1 and theta2 = pi/2 or 3*pi/2: finite, with infinite slopes",
    "I.29.16": "the root of a difference that rounding may make negative where the two points "
    "coincide: written as a sum of squares; a conical point is left there",
    "I.30.5": "arcsin(1) at the corner lambda_ = 2, n = 1, d = 2: finite, with an infinite slope",
    "I.41.16": "exp(x) - 1 loses digits for small x: written expm1(x)",
    "III.4.32": "exp(x) - 1 loses digits for small x: written expm1(x)",
    "III.4.33": "exp(x) - 1 loses digits for small x: written expm1(x)",
    "III.9.52": "sin(s)**2 / s**2 with s = (omega - omega_0)*t/2 is 0/0 wherever omega = omega_0: "
    "written with sinc, which takes the limit",
    "III.14.14": "exp(x) - 1 loses digits for small x: written expm1(x)",
}
"""Equations with points, inside the ranges or on their edge, where the plain formula would fail."""
