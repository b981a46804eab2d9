"""What the names and expressions of Python code stand for, as far as its text alone says it.

Nothing is run. Every assignment to a name counts, whatever its order; a function's parameters are what its callers in
the same code pass. Where that leaves several texts, the text is unknown; where it leaves several clients, each may be
the one that is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from seawall.kernel.value import Textual, Unknown


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, as far as it is known."""

    value: Textual


@dataclass(frozen=True, slots=True)
class Unclear:
    """Anything at all."""


@dataclass(frozen=True, slots=True)
class Each:
    """The elements of a list that is written out, or of one of them at a time."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping that is written out with strings as keys."""

    items: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A session of boto3 or botocore, or the module boto3 itself, which has one of its own.

    ``foreign`` if it was given credentials, a profile or an endpoint that is none of AWS's.
    """

    region: Textual = ""
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A client of a service; the resource of a service as a whole where ``resource`` is set."""

    service: str
    region: Textual = ""
    foreign: bool = False
    resource: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """One resource of a service as boto3 wraps it: its kind, and the arguments that name it."""

    client: Client
    kind: str
    identifiers: tuple[tuple[str, Textual], ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A method, paginator or waiter, still to be called: of a client, of a thing or of a session."""

    of: Session | Client | Thing | Environ | Instance
    name: str
    kind: str = "method"


@dataclass(frozen=True, slots=True)
class Environ:
    """The mapping ``os.environ``."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name of a module that is not among the code: ``os``, ``boto3.client``."""

    path: str


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of the code."""

    of: Scope


@dataclass(frozen=True, slots=True)
class Defined:
    """A function or class of the code."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Imported:
    """A module of the code."""

    scope: Scope


Value: TypeAlias = (
    Literal
    | Unclear
    | Each
    | Table
    | Session
    | Client
    | Thing
    | Bound
    | Environ
    | Named
    | Instance
    | Defined
    | Imported
)


@dataclass(eq=False, slots=True)
class Scope:
    """A module, class or function: what is bound to each name in it, and where its text stands."""

    node: ast.AST
    file: str
    outer: Scope | None = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)
    returns: list[ast.expr] = field(default_factory=list)
    calls: list[ast.Call] = field(default_factory=list)
    inner: list[Scope] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.outer is not None:
            self.outer.inner.append(self)

    @property
    def module(self) -> Scope:
        """The scope of the file."""
        return self if self.outer is None else self.outer.module

    @property
    def in_class(self) -> bool:
        """Whether it is a method."""
        return self.outer is not None and isinstance(self.outer.node, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Binding:
    """What a name is bound to: an expression of a scope, a value, an element of what is iterated, or nobody knows."""

    scope: Scope
    expression: ast.expr | None = None
    value: Value | None = None
    element: bool = False


def parse(source: str, file: str) -> Scope | str:
    """The scopes of one file's text; a sentence where it is no Python of this version.

    Null bytes, nesting that no parser follows and wrong syntax all end here.
    """
    try:
        tree = ast.parse(source, filename=file)
        module = Scope(tree, file)
        _Bindings(module).fill(tree)
    except SyntaxError as error:
        return f"this is no Python that can be read (line {error.lineno or 0})"
    except (ValueError, RecursionError, MemoryError):
        return "this is no Python that can be read"
    return module


class _Bindings:
    """Walks a module once and notes what is bound where; ``scopes`` are all of them, by their node."""

    def __init__(self, module: Scope) -> None:
        self.module = module

    def fill(self, tree: ast.Module) -> None:
        for statement in tree.body:
            self._visit(statement, self.module)

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, scope)
            case ast.ClassDef():
                inner = Scope(node, scope.file, scope)
                self._bind(scope, node.name, Binding(scope, value=Defined(inner)))
                for statement in node.body:
                    self._visit(statement, inner)
            case ast.Import():
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    path = alias.name if alias.asname else alias.name.partition(".")[0]
                    self._bind(scope, name, Binding(scope, value=Named(path)))
            case ast.ImportFrom():
                origin = "." * node.level + (node.module or "")
                for alias in node.names:
                    joined = f"{origin}{alias.name}" if origin.endswith(".") else f"{origin}.{alias.name}"
                    self._bind(scope, alias.asname or alias.name, Binding(scope, value=Named(joined)))
            case ast.Global() | ast.Nonlocal():
                for name in node.names:
                    scope.elsewhere[name] = "global" if isinstance(node, ast.Global) else "nonlocal"
            case ast.Assign():
                for target in node.targets:
                    self._target(target, node.value, scope)
            case ast.AnnAssign() if node.value is not None:
                self._target(node.target, node.value, scope)
            case ast.AugAssign():
                self._target(node.target, None, scope)
            case ast.NamedExpr():
                self._target(node.target, node.value, scope)
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                self._target(node.target, node.iter, scope, element=True)
            case ast.withitem() if node.optional_vars is not None:
                self._target(node.optional_vars, node.context_expr, scope)
            case ast.ExceptHandler() if node.name:
                self._bind(scope, node.name, Binding(scope))
            case ast.MatchAs() | ast.MatchStar() if node.name:
                self._bind(scope, node.name, Binding(scope))
            case ast.Return() if node.value is not None:
                scope.returns.append(node.value)
            case ast.Lambda():
                inner = Scope(node, scope.file, scope)
                for argument in ast.walk(node.args):
                    if isinstance(argument, ast.arg):
                        self._bind(inner, argument.arg, Binding(inner))
                self._visit(node.body, inner)
            case ast.Call():
                scope.calls.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            for child in ast.iter_child_nodes(node):
                self._visit(child, scope)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        inner = Scope(node, scope.file, scope)
        self._bind(scope, node.name, Binding(scope, value=Defined(inner)))
        given = node.args
        positional = [*given.posonlyargs, *given.args]
        defaults: dict[str, ast.expr] = {}
        for argument, default in zip(reversed(positional), reversed(given.defaults), strict=False):
            defaults[argument.arg] = default
        for argument, keyword_default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
            if keyword_default is not None:
                defaults[argument.arg] = keyword_default
        for argument in (*positional, *given.kwonlyargs):
            inner.bindings.setdefault(argument.arg, [])
            if argument.arg in defaults and not _is_none(defaults[argument.arg]):
                self._bind(inner, argument.arg, Binding(scope, defaults[argument.arg]))
        for rest in (given.vararg, given.kwarg):
            if rest is not None:
                self._bind(inner, rest.arg, Binding(inner))
        for statement in node.body:
            self._visit(statement, inner)
        for decorator in node.decorator_list:
            self._visit(decorator, scope)

    def _target(self, target: ast.expr, value: ast.expr | None, scope: Scope, *, element: bool = False) -> None:
        match target:
            case ast.Name():
                self._bind(scope, target.id, Binding(scope, value, element=element))
            case ast.Attribute(value=ast.Name(id=owner)) if scope.in_class and owner in _first(scope):
                assert scope.outer is not None
                found = scope.outer.attributes.setdefault(target.attr, [])
                found.append(Binding(scope, value, element=element))
            case ast.Tuple() | ast.List():
                values: list[ast.expr | None] = [None] * len(target.elts)
                starred = any(isinstance(part, ast.Starred) for part in target.elts)
                same = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
                if same and not starred and not element:
                    assert isinstance(value, ast.Tuple | ast.List)
                    values = list(value.elts)
                for part, each in zip(target.elts, values, strict=True):
                    self._target(part, each, scope)
            case ast.Starred():
                self._target(target.value, None, scope)

    def _bind(self, scope: Scope, name: str, binding: Binding) -> None:
        match scope.elsewhere.get(name):
            case "global":
                scope = self.module
            case "nonlocal" if scope.outer is not None:
                scope = scope.outer
        scope.bindings.setdefault(name, []).append(binding)


def _first(scope: Scope) -> tuple[str, ...]:
    """The name under which a method knows its object."""
    assert isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef)
    arguments = [*scope.node.args.posonlyargs, *scope.node.args.args]
    return (arguments[0].arg,) if arguments else ()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def scopes(module: Scope) -> Iterator[Scope]:
    """A module's scope and every one within it."""
    pending = [module]
    while pending:
        scope = pending.pop()
        yield scope
        pending.extend(reversed(scope.inner))


def joined(values: tuple[Value, ...], where: str) -> Textual:
    """The one text that these values are; unknown, with the reason, if they are several or no text."""
    found = dict.fromkeys(value.value if isinstance(value, Literal) else None for value in values)
    if len(found) == 1:
        only = next(iter(found))
        if only is not None:
            return only
    if len(found) > 1 and all(isinstance(value, str) for value in found):
        listed = ", ".join(sorted(str(value) for value in found))
        return Unknown(where, why=f"it is one of {listed}")
    return Unknown(where, why="the code works it out")
