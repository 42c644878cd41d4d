from __future__ import annotations

from pathlib import Path

from benchmarks.matching.labels import Label, Naming, labels_of

from magneton_agent.schema.recording import Recording

from ..analysis.recordings import Program, gauss
from ..analysis.steps import frame, operator, recording

X, Y = gauss(16, 0), gauss(16, 1)
NAMING = Naming(
    modules={"qkv": "q k v", "norm": "norm", "mlp": "mlp"},
    lines={"y = turned(": "turned", "x = x + y return x": "second", "x = x + y": "first"},
)


def labelled(*lines: str, folder: Path, module: str = "Net.layers.3.mlp") -> Label | None:
    """The label of an operator that a helper of the module's forward, at the first of ``lines``,
    called; a caller of the module, marked, is left out of account."""
    source = folder / f"program{len(list(folder.iterdir()))}.py"
    source.write_text("\n".join([*lines, "", "y = module(x)  #: outside"]))
    frames = [
        frame("helper", path="/no/such/file.py"),
        frame("Mlp.forward", path=str(source)),
        frame("step", line=len(lines) + 2, path=str(source)),
    ]
    step = recording([operator(module=module)], stacks=[(0, 1, 2)], frames=frames)
    return labels_of(step, NAMING, {}).operators.get(0)


def test_a_module_gives_its_operators_their_role_and_layer(tmp_path: Path) -> None:
    assert labelled("y = x", folder=tmp_path) == Label("forward", frozenset({"3/mlp"}))


def test_a_line_of_the_module_goes_before_the_module(tmp_path: Path) -> None:
    found = labelled("y = turned(x)", folder=tmp_path)
    assert found == Label("forward", frozenset({"3/turned"}))


def test_the_next_line_tells_equal_lines_apart(tmp_path: Path) -> None:
    first = labelled("x = x + y", "", folder=tmp_path)
    second = labelled("x = x + y", "return x", folder=tmp_path)
    assert first == Label("forward", frozenset({"3/first"}))
    assert second == Label("forward", frozenset({"3/second"}))


def test_a_mark_says_the_role(tmp_path: Path) -> None:
    marked = labelled("y = x.exp()  #: grown", folder=tmp_path)
    assert marked == Label("forward", frozenset({"3/grown"}))


def test_what_nothing_names_has_no_label(tmp_path: Path) -> None:
    assert labelled("y = x", folder=tmp_path, module="Net.other") is None


def optimised(name: str) -> Recording:
    """An operator over the gradients, then the weights, of two parameters."""
    program = Program()
    weights = [program.parameter(X, "layers.0.norm.weight"), program.parameter(Y, "norm.weight")]
    program.phase = "optimizer"
    program.ops(name, weights, [Y, X])
    return program.recording()


def test_an_optimizer_over_lists_keeps_the_parameters_apart() -> None:
    values = labels_of(optimised("_foreach_add_"), NAMING, {}).values
    assert values[2] == Label("optimizer", frozenset({"0/norm"}))
    assert values[3] == Label("optimizer", frozenset({"norm"}))
    values = labels_of(optimised("add_"), NAMING, {}).values
    assert values[2] == Label("optimizer", frozenset({"0/norm", "norm"}))


def test_roles_agree_where_they_overlap_in_one_phase() -> None:
    fused = Label("forward", frozenset({"q", "k", "v"}))
    assert fused.agrees(Label("forward", frozenset({"q"})))
    assert fused.agrees(Label(None, frozenset({"v"})))
    assert not fused.agrees(Label("backward", frozenset({"q"})))
    assert not fused.agrees(Label("forward", frozenset({"norm"})))
