from __future__ import annotations

import re
from dataclasses import replace

import pytest

from actdsl.errors import ActdslError
from actdsl.evolve.proposers import Context, Failure
from actdsl.evolve.proposers.expressions.vocabulary import vocabulary
from actdsl.evolve.proposers.prompting import PROMPTS, Prompts, functions_in, shown, unreasoned
from actdsl.grammar import parse

RELU = "# The rectifier.\nactivation relu(x):\n    return relu(x)\n"


def words_of(card):
    return set(re.findall(r"^- `(\w+)\(", card, re.MULTILINE))


def test_the_language_card_has_the_words_that_the_search_has():
    functions = {w.name for w in vocabulary() if not w.name.startswith("_")}
    spelled = {w for w in functions if w in words_of(Prompts().fill("language"))}
    infix = {
        "add",
        "sub",
        "mul",
        "div",
        "neg",
        "pow",
        "lt",
        "le",
        "gt",
        "ge",
        "eq",
        "ne",
        "and",
        "or",
        "not",
    }
    assert functions - spelled == infix
    assert words_of(Prompts().fill("language")) == spelled
    contextual = {w.name for w in vocabulary(contextual=True)} - functions
    assert words_of(Prompts().fill("contextual")) == contextual


def test_the_example_on_the_card_is_an_activation():
    card = Prompts().fill("language")
    example = "".join(re.findall(r"^    (.*\n)", card, re.MULTILINE))
    assert parse(example).program.params


def test_the_examples_of_the_list_are_activations_that_call_what_they_say():
    text = Prompts().fill("few_shot", examples="", wanted="")
    entries = re.findall(
        r"^Score [\d.]+, using (.*)\n((?:#|activation|    ).*\n(?:.+\n)*)", text, re.MULTILINE
    )
    assert len(entries) == 4
    for functions, code in entries:
        assert set(functions.split(", ")) == set(functions_in(code))
        assert parse(code).program.text == code


def test_the_task_says_what_may_be_written_and_what_it_may_cost():
    plain = Prompts().task(contextual=False, max_flops=40, bare=False)
    assert "at most 40 FLOPs" in plain
    assert "`mean(x, axis)`" not in plain
    assert "fenced code block" in plain
    assert "<!--" not in plain
    other = Prompts().task(contextual=True, max_flops=None, bare=True)
    assert "`mean(x, axis)`" in other
    assert "no fence" in other
    assert "$" not in plain + other


def test_what_is_asked_holds_parents_others_failures_and_the_niche(settled):
    relu = settled(1, 1.0, RELU)
    wave = settled(2, 0.5, "activation wave(x): return sin(x) + x")
    context = Context(
        [relu], [wave, relu], [Failure("activation f(x): return 3", "constant: it is")]
    )
    asked = Prompts().ask(replace(context, niche="a periodic function with bounded tails"))
    assert asked.count("activation relu(x)") == 1
    assert "Score 0.50, using sin\nactivation wave(x):\n    return sin(x) + x\n```" in asked
    assert "return 3\n```\nconstant: it is" in asked
    assert "Wanted now: a periodic function with bounded tails." in asked
    bare = Prompts().ask(Context([relu]))
    assert "None yet." in bare
    assert "refused" not in bare
    assert "Wanted" not in bare


def test_failures_that_are_no_programs_come_with_their_diagnostics(settled):
    failure = Failure.of(settled(1, 1.0, "activation f(x): return sinn(x)"))
    assert "did you mean `sin`?" in failure.reason
    refused = settled(1, 1.0, RELU, reason="known: relu in other words")
    assert Failure.of(refused).reason == "known: relu in other words"


def test_reasons_are_one_line_cropped_and_without_the_names_of_others(settled):
    long = f"# A mutant of evolved_12ab: a part\n# replaced.{' very' * 100}\n{RELU.partition(chr(10))[2]}"
    text = shown(settled(1, 1.0, long))
    headline, reason, code = text.split("\n", 2)
    assert headline == "Score 1.00, using relu"
    assert reason.startswith("# A part replaced. very very")
    assert len(reason) < 250
    assert code == "activation relu(x):\n    return relu(x)\n"
    assert unreasoned(settled(1, 1.0, long)) == f"{headline}\n{code}"


def test_a_fence_in_a_failure_does_not_end_the_fence_around_it(settled):
    asked = Prompts().ask(Context([settled(1, 1.0, RELU)], failures=[Failure("```\nx", "junk")]))
    assert asked.count("```") == 4


def test_prompts_of_ones_own_take_the_place_of_the_projects(tmp_path):
    (tmp_path / "repair.md").write_text("Mend this: $diagnostics")
    own = Prompts(tmp_path)
    assert own.repair("error", bare=False) == "Mend this: error"
    assert own.fill("language") == Prompts().fill("language")


def test_a_prompt_is_read_once_whatever_becomes_of_its_file(tmp_path):
    file = tmp_path / "few_shot.md"
    file.write_text("Go on. $wanted")
    own = Prompts(tmp_path)
    assert own.opening("few_shot") == "Go on. "
    file.unlink()
    assert own.opening("few_shot") == "Go on. "
    assert own.fill("few_shot", wanted="f") == "Go on. f"


def test_a_folder_without_prompts_is_one_line(tmp_path):
    (tmp_path / "taks.md").write_text("Write.")
    with pytest.raises(
        ActdslError, match=r"holds no prompt: they are called .*, ask\.md, .*task\.md"
    ):
        Prompts(tmp_path)


@pytest.mark.parametrize("text", ["Mend $this", "Costs 5$ a piece"])
def test_a_place_that_nothing_fills_is_one_line(tmp_path, text):
    (tmp_path / "repair.md").write_text(text)
    line = r"the prompt .*repair\.md has a place nothing is known of .*can have: \$diagnostics, \$answer"
    with pytest.raises(ActdslError, match=line):
        Prompts(tmp_path).repair("error", bare=False)


def test_every_prompt_is_used():
    used = {"task", "ask", "repair", "failures", "niche", "few_shot", "language", "contextual",
            "answer_bare", "answer_fenced"}  # fmt: skip
    assert {path.stem for path in PROMPTS.iterdir()} == used
