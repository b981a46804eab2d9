"""Mutation testing of the evaluator of permissions: change one thing of a module, and see whether a test notices.

    python tests/mutants.py [--jobs 2] [--sample N] [--seed S] [--line L] [MODULE...]

One mutant a process: the child is forked from a parent that has imported everything but the evaluator, so that a
mutant costs the narrow tests and little more. Comparisons, boolean operators, negations, constants and returns are
changed; what is only said to people (f-strings, docstrings, reasons of an Unknown) and annotations are not. A mutant
that runs for more than a minute counts as noticed. Prints the score and every mutant that survived; exits 1 if one did.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.machinery
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PACKAGE = "seawall.analyze.permissions"
SOURCES = ROOT / "src" / "seawall" / "analyze" / "permissions"
UNIT, PROPERTY = "tests/unit/analyze/permissions", "tests/property/analyze/permissions"

TESTS = {
    "globs": ("globs", "principals", "conditions", "policy"),
    "conditions": ("conditions", "policy", "variables"),
    "variables": ("variables", "conditions", "policy"),
    "principals": ("principals", "policy", "policy_corners", "evaluate"),
    "policy": ("policy", "policy_corners", "evaluate", "explain"),
    "evaluate": ("evaluate",),
    "explain": ("explain",),
    "applicable": ("applicable", "organization", "circumstances"),
    "organization": ("organization",),
    "circumstances": ("circumstances",),
    "shapes": ("applicable", "circumstances", "shapes"),
}
"""The narrow tests of each module, by the names of their files."""
LAWS = {
    "globs": ("matching",),
    "conditions": ("matching",),
    "principals": ("layers", "matching"),
    "policy": ("layers", "matching"),
    "evaluate": ("layers",),
}
"""Property tests that hold a module, tried where no unit test noticed."""
WARM = (
    "hypothesis",
    "orjson",
    "yaml",
    "pytest",
    "seawall.readers.read",
    "seawall.readers.settle",
    "seawall.graph.graph",
)
MINUTE = 60


class Mutant(NamedTuple):
    """One change: which module, which node of its tree, in words."""

    module: str
    number: int
    line: int
    says: str


_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


class _Changes(ast.NodeTransformer):
    """Walks a tree and counts the places that can be changed; changes the one that is asked for."""

    def __init__(self, wanted: int | None = None) -> None:
        self.wanted = wanted
        self.found: list[tuple[int, str]] = []

    def _here(self, node: ast.AST, says: str) -> bool:
        self.found.append((getattr(node, "lineno", 0), says))
        return self.wanted == len(self.found) - 1

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        for place, operator in enumerate(node.ops):
            other = _COMPARISONS[type(operator)]
            if self._here(node, f"{type(operator).__name__} -> {other.__name__}"):
                node.ops[place] = other()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        other: type[ast.boolop] = ast.Or if isinstance(node.op, ast.And) else ast.And
        if self._here(node, f"{type(node.op).__name__} -> {other.__name__}"):
            node.op = other()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and self._here(node, "not x -> x"):
            return node.operand
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        other: bool | int | str
        if isinstance(value, bool):
            other = not value
        elif isinstance(value, int):
            other = value + 1
        elif isinstance(value, str):
            other = f"{value}XX"
        else:
            return node
        return ast.Constant(other) if self._here(node, f"{value!r} -> {other!r}") else node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        nothing = node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
        if not nothing and self._here(node, "return x -> return None"):
            node.value = ast.Constant(None)
        return node

    # -- what is only said, or only meant for a type checker ----------------------------------------------------------

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return node if node.arg == "why" else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id in ("Unknown", "TypeVar"):
            return node
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        named = {target.id for target in node.targets if isinstance(target, ast.Name)}
        return node if named & {"__all__", "__slots__", "why"} else self.generic_visit(node)

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        node.defaults = [self.visit(default) for default in node.defaults]
        node.kw_defaults = [default and self.visit(default) for default in node.kw_defaults]
        return node

    def _function(self, node: ast.FunctionDef) -> ast.AST:
        self.visit(node.args)
        node.body = [self.visit(statement) for statement in node.body]
        return node

    visit_FunctionDef = _function

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]
        return node


def _tree(module: str) -> ast.Module:
    return ast.parse((SOURCES / f"{module}.py").read_text(encoding="utf-8"))


def mutants(module: str) -> Iterator[Mutant]:
    """Every change that can be made to a module."""
    changes = _Changes()
    changes.visit(_tree(module))
    for number, (line, says) in enumerate(changes.found):
        yield Mutant(module, number, line, says)


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module its changed tree, and leaves all others alone."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._name = f"{PACKAGE}.{mutant.module}"

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=str(SOURCES / f"{self._mutant.module}.py"))

    def exec_module(self, module: ModuleType) -> None:
        tree = ast.fix_missing_locations(_Changes(self._mutant.number).visit(_tree(self._mutant.module)))
        exec(compile(tree, str(SOURCES / f"{self._mutant.module}.py"), "exec"), module.__dict__)


def _try(mutant: Mutant | None, module: str) -> int:
    """Run a module's narrow tests in this process, with a mutant of it if one is given; pytest's exit status."""
    import hypothesis
    import pytest

    if mutant is not None:
        sys.meta_path.insert(0, _Loader(mutant))
    hypothesis.settings.register_profile("mutants", deadline=None, derandomize=True, database=None)
    unit = [f"{UNIT}/test_{name}.py" for name in TESTS[module]]
    laws = [f"{PROPERTY}/test_{name}.py" for name in LAWS.get(module, ())]
    files = [name for name in (*unit, *laws) if (ROOT / name).exists()]
    options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "--hypothesis-profile=mutants"]
    return int(pytest.main([*options, *files]))


def _child(mutant: Mutant | None, module: str) -> int:
    """Fork, and run the tests there; the child's process id."""
    process = os.fork()
    if process:
        return process
    signal.alarm(MINUTE)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    status = 3
    try:
        status = _try(mutant, module)
    finally:
        os._exit(status)


def survivors(chosen: Sequence[Mutant], jobs: int) -> Iterator[Mutant]:
    """The mutants that no test notices, as they are found."""
    waiting = list(chosen)
    running: dict[int, Mutant] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[_child(mutant, mutant.module)] = mutant
        process, status = os.wait()
        mutant = running.pop(process)
        if os.waitstatus_to_exitcode(status) == 0:
            yield mutant


def main() -> int:
    """Try the mutants of the modules that are named, of all by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", choices=[[], *TESTS], default=[])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, help="so many mutants at random, of each module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--line", type=int, action="append", help="only mutants of these lines of a module")
    asked = parser.parse_args()
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    for name in WARM:
        importlib.import_module(name)
    total, alive = 0, 0
    for module in asked.modules or TESTS:
        started = time.monotonic()
        process = _child(None, module)
        if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]):
            print(f"{module}: its tests fail without any mutant")
            return 2
        every = [mutant for mutant in mutants(module) if not asked.line or mutant.line in asked.line]
        if asked.sample is not None and asked.sample < len(every):
            every = random.Random(asked.seed).sample(every, asked.sample)
        left = sorted(survivors(every, asked.jobs))
        total, alive = total + len(every), alive + len(left)
        noticed = len(every) - len(left)
        took = time.monotonic() - started
        print(f"{module}: {noticed} of {len(every)} noticed ({noticed / len(every):.1%}) in {took:.0f} s", flush=True)
        for mutant in left:
            print(f"  {mutant.module}.py:{mutant.line}: {mutant.says}", flush=True)
    print(f"together: {total - alive} of {total} noticed ({(total - alive) / total:.1%})")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
