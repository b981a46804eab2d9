"""Calls of AWS in Python code: clients, resources, paginators and waiters of boto3, found in its text."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from seawall.facts.application import MAPPING, environment_hole, variable_of
from seawall.ingest.python_values import (
    Binding,
    Bound,
    Client,
    Defined,
    Each,
    Environ,
    Imported,
    Instance,
    Literal,
    Named,
    Scope,
    Session,
    Table,
    Thing,
    Unclear,
    Value,
    joined,
    parse,
    scopes,
)
from seawall.ingest.sdk_call import SdkCall
from seawall.kernel.value import Text, Textual, Unknown, text

DEEPEST: Final = 40
"""Expressions within expressions, calls within calls: what goes deeper is unknown."""
MOST: Final = 8
"""Values that a name may have; with more it is unknown."""
LARGEST: Final = 2_000
"""Characters and elements of a value: names of resources are shorter, and doubling a text may go on for ever."""
CALLERS: Final = 30
"""Calls of one name: what a parameter of a function that is called more often is, nobody says in one word."""
STEPS: Final = 100_000
"""Expressions that are looked at, beside some for each call: enough for any program that people write."""

_UNCLEAR: Final = (Unclear(),)
_SESSIONS: Final = frozenset(
    {
        "boto3.Session", "boto3.session.Session", "botocore.session.Session", "botocore.session.get_session",
        "aioboto3.Session", "aioboto3.session.Session", "aiobotocore.session.get_session",
        "aiobotocore.session.AioSession",
    }
)  # fmt: skip
_CLIENT_TYPES: Final = re.compile(
    r"(?:mypy_boto3|types_boto3|types_aiobotocore)_(?P<service>\w+?)\.(?:client\.|service_resource\.)?"
    r"(?P<name>\w+?)(?P<kind>Client|ServiceResource)"
)
_THEIR_OWN: Final = frozenset({"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "profile_name"})
_AWS_HOST: Final = re.compile(r"https?://[^/]*\.amazonaws\.com(?:\.cn)?(?::\d+)?(?:/|$)")

# What follows is boto3's own: how its resources are named, and which operation each of their methods sends.
_IDENTIFIERS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("s3", "Bucket"): ("Bucket",),
    ("s3", "Object"): ("Bucket", "Key"),
    ("s3", "ObjectSummary"): ("Bucket", "Key"),
    ("dynamodb", "Table"): ("TableName",),
    ("sqs", "Queue"): ("QueueUrl",),
    ("sqs", "Message"): ("QueueUrl", "ReceiptHandle"),
    ("sns", "Topic"): ("TopicArn",),
    ("sns", "PlatformEndpoint"): ("TargetArn",),
}
_TRANSFERS: Final = {
    name: (name,)
    for name in ("copy", "download_file", "download_fileobj", "upload_file", "upload_fileobj")
}  # fmt: skip
_METHODS: Final[Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]] = {
    ("s3", ""): {"create_bucket": ("create_bucket",)},
    ("s3", "Bucket"): {
        **_TRANSFERS,
        "create": ("create_bucket",),
        "delete": ("delete_bucket",),
        "delete_objects": ("delete_objects",),
        "load": ("list_buckets",),
        "put_object": ("put_object",),
        "wait_until_exists": ("head_bucket",),
        "wait_until_not_exists": ("head_bucket",),
    },
    ("s3", "Object"): {
        **_TRANSFERS,
        "copy_from": ("copy_object",),
        "delete": ("delete_object",),
        "get": ("get_object",),
        "initiate_multipart_upload": ("create_multipart_upload",),
        "load": ("head_object",),
        "put": ("put_object",),
        "reload": ("head_object",),
        "restore_object": ("restore_object",),
        "wait_until_exists": ("head_object",),
        "wait_until_not_exists": ("head_object",),
    },
    ("dynamodb", ""): {
        "batch_get_item": ("batch_get_item",),
        "batch_write_item": ("batch_write_item",),
        "create_table": ("create_table",),
    },
    ("dynamodb", "Table"): {
        "batch_writer": ("batch_write_item",),
        "delete": ("delete_table",),
        "delete_item": ("delete_item",),
        "get_item": ("get_item",),
        "load": ("describe_table",),
        "put_item": ("put_item",),
        "query": ("query",),
        "reload": ("describe_table",),
        "scan": ("scan",),
        "update": ("update_table",),
        "update_item": ("update_item",),
        "wait_until_exists": ("describe_table",),
        "wait_until_not_exists": ("describe_table",),
    },
    ("sqs", ""): {"create_queue": ("create_queue",), "get_queue_by_name": ("get_queue_url",)},
    ("sqs", "Queue"): {
        "change_message_visibility_batch": ("change_message_visibility_batch",),
        "delete": ("delete_queue",),
        "delete_messages": ("delete_message_batch",),
        "load": ("get_queue_attributes",),
        "purge": ("purge_queue",),
        "receive_messages": ("receive_message",),
        "reload": ("get_queue_attributes",),
        "send_message": ("send_message",),
        "send_messages": ("send_message_batch",),
        "set_attributes": ("set_queue_attributes",),
    },
    ("sqs", "Message"): {
        "change_visibility": ("change_message_visibility",),
        "delete": ("delete_message",),
    },
    ("sns", ""): {"create_topic": ("create_topic",)},
    ("sns", "Topic"): {
        "delete": ("delete_topic",),
        "load": ("get_topic_attributes",),
        "publish": ("publish",),
        "reload": ("get_topic_attributes",),
        "set_attributes": ("set_topic_attributes",),
        "subscribe": ("subscribe",),
    },
    ("sns", "PlatformEndpoint"): {"publish": ("publish",)},
}
_COLLECTIONS: Final[Mapping[tuple[str, str], Mapping[str, tuple[str, str]]]] = {
    ("s3", ""): {"buckets": ("list_buckets", "Bucket")},
    ("s3", "Bucket"): {
        "multipart_uploads": ("list_multipart_uploads", ""),
        "object_versions": ("list_object_versions", ""),
        "objects": ("list_objects", "ObjectSummary"),
    },
    ("dynamodb", ""): {"tables": ("list_tables", "Table")},
    ("sqs", ""): {"queues": ("list_queues", "Queue")},
    ("sns", ""): {"topics": ("list_topics", "Topic")},
}
_WAITERS: Final[Mapping[tuple[str, str], str]] = {
    ("s3", "bucket_exists"): "head_bucket",
    ("s3", "bucket_not_exists"): "head_bucket",
    ("s3", "object_exists"): "head_object",
    ("s3", "object_not_exists"): "head_object",
    ("dynamodb", "table_exists"): "describe_table",
    ("dynamodb", "table_not_exists"): "describe_table",
    ("lambda", "function_active_v2"): "get_function",
    ("lambda", "function_updated_v2"): "get_function",
    ("ec2", "instance_running"): "describe_instances",
    ("ec2", "instance_stopped"): "describe_instances",
    ("ec2", "instance_terminated"): "describe_instances",
    ("rds", "db_instance_available"): "describe_db_instances",
    ("rds", "db_cluster_available"): "describe_db_clusters",
    ("rds", "db_snapshot_available"): "describe_db_snapshots",
    ("rds", "db_snapshot_completed"): "describe_db_snapshots",
    ("rds", "db_cluster_snapshot_available"): "describe_db_cluster_snapshots",
    ("ecs", "services_stable"): "describe_services",
    ("ecs", "tasks_running"): "describe_tasks",
    ("ecs", "tasks_stopped"): "describe_tasks",
    ("eks", "cluster_active"): "describe_cluster",
    ("eks", "nodegroup_active"): "describe_nodegroup",
    ("cloudformation", "stack_create_complete"): "describe_stacks",
    ("cloudformation", "stack_update_complete"): "describe_stacks",
    ("cloudformation", "stack_delete_complete"): "describe_stacks",
}
_POSITIONS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("s3", "upload_file"): ("Filename", "Bucket", "Key"),
    ("s3", "upload_fileobj"): ("Fileobj", "Bucket", "Key"),
    ("s3", "download_file"): ("Bucket", "Key", "Filename"),
    ("s3", "download_fileobj"): ("Bucket", "Key", "Fileobj"),
    ("s3", "copy"): ("CopySource", "Bucket", "Key"),
    ("s3", "generate_presigned_post"): ("Bucket", "Key"),
    ("rds", "generate_db_auth_token"): ("DBHostname", "Port", "DBUsername", "Region"),
}
_THING_POSITIONS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("Bucket", "upload_file"): ("Filename", "Key"),
    ("Bucket", "upload_fileobj"): ("Fileobj", "Key"),
    ("Bucket", "download_file"): ("Key", "Filename"),
    ("Bucket", "download_fileobj"): ("Key", "Fileobj"),
    ("Bucket", "copy"): ("CopySource", "Key"),
    ("Object", "copy"): ("CopySource",),
}
_NO_CALLS: Final = frozenset({"can_paginate", "close", "get_paginator", "get_waiter", "meta", "exceptions"})


def python_calls(sources: Mapping[str, str], keeps: Callable[[str, str], bool]) -> Iterator[SdkCall]:
    """Every call of AWS in these files, by path relative to their root.

    ``keeps`` says of a service and an argument's path whether its value may be kept; what is sent is never.
    """
    modules: dict[str, Scope] = {}
    for file, source in sources.items():
        found = parse(source, file)
        if isinstance(found, str):
            yield SdkCall("", "", (), "", file, found)
        else:
            modules[file] = found
    yield from _Program(modules, keeps).calls()


class _Program:
    """The modules of one codebase, with what has been worked out of their expressions."""

    def __init__(self, modules: Mapping[str, Scope], keeps: Callable[[str, str], bool]) -> None:
        self._keeps = keeps
        self._modules = modules
        self._dotted: dict[str, list[Scope]] = {}
        for file, module in modules.items():
            words = file.removesuffix(".py").removesuffix("/__init__").split("/")
            for start in range(len(words)):
                self._dotted.setdefault(".".join(words[start:]), []).append(module)
        self._all = [scope for module in modules.values() for scope in scopes(module)]
        self._called: dict[str, list[tuple[ast.Call, Scope]]] = {}
        for scope in self._all:
            for call in scope.calls:
                match call.func:
                    case ast.Name(id=name) | ast.Attribute(attr=name):
                        self._called.setdefault(name, []).append((call, scope))
        self._known: dict[tuple[int, int, object], tuple[Value, ...]] = {}
        self.steps = 0
        self._enough = STEPS + 20 * sum(len(scope.calls) for scope in self._all)
        self._frames: dict[Scope, tuple[object, dict[str, tuple[Value, ...]]]] = {}
        self._partly: dict[tuple[int, int, object], tuple[Value, ...]] = {}
        self._asking: set[tuple[int, int, object]] = set()
        self._naming: set[tuple[int, str]] = set()
        self._cut = False

    def calls(self) -> Iterator[SdkCall]:
        """Every call, file by file, in the order of their lines."""
        found: dict[SdkCall, None] = {}
        for scope in self._all:
            for call in scope.calls:
                try:
                    for value in self._values(call.func, scope):
                        if isinstance(value, Bound):
                            found.update(dict.fromkeys(self._calls_of(value, call, scope)))
                except RecursionError:
                    where = f"{scope.file}:{call.lineno}"
                    found[SdkCall("", "", (), "", where, "what it calls is nested too deeply to be followed")] = None
        yield from sorted(found, key=_place)
        if self.steps >= self._enough:
            why = "its names lead to each other in too many ways to follow them all"
            yield SdkCall("", "", (), "", next(iter(self._modules)), why)

    def _calls_of(self, bound: Bound, call: ast.Call, scope: Scope) -> Iterator[SdkCall]:
        where = f"{scope.file}:{call.lineno}"
        match bound:
            case Bound(of=Session(), name="client" | "create_client" | "resource"):
                given = next((word.value for word in call.keywords if word.arg == "service_name"), None)
                given = call.args[0] if given is None and call.args else given
                services = self._values(given, scope) if given is not None else _UNCLEAR
                if not all(isinstance(one, Literal) and isinstance(one.value, str) for one in services):
                    yield SdkCall("", "", (), "", where, "the service is worked out by the code")
            case Bound(of=Client(foreign=True) | Thing(client=Client(foreign=True)), name=name):
                client = bound.of.client if isinstance(bound.of, Thing) else bound.of
                if isinstance(client, Client) and name not in _NO_CALLS:
                    why = "it is called with credentials, or at an address, of its own"
                    yield SdkCall(client.service, "", (), client.region, where, why)
            case Bound(of=Client() as client, kind="paginate"):
                yield self._sent(client, bound.name, call, scope, ())
            case Bound(of=Client() as client, kind="wait"):
                operation = _WAITERS.get((client.service, bound.name))
                if operation is None:
                    why = f"nothing is known of the waiter {bound.name}"
                    yield SdkCall(client.service, "", (), client.region, where, why)
                else:
                    yield self._sent(client, operation, call, scope, ())
            case Bound(of=Client(resource=False) as client, kind="method", name="generate_presigned_url"):
                yield self._presigned(client, call, scope)
            case Bound(of=Client(resource=False) as client, kind="method", name=name):
                if name not in _NO_CALLS:
                    yield self._sent(client, name, call, scope, _POSITIONS.get((client.service, name), ()))
            case Bound(of=Client(resource=True) as client, kind="method", name=name):
                if (client.service, name) in _IDENTIFIERS or name in _NO_CALLS:
                    return
                yield from self._methods(Thing(client, "", ()), name, call, scope)
            case Bound(of=Client() | Thing() as owner, kind="collected"):
                thing = owner if isinstance(owner, Thing) else Thing(owner, "", ())
                collection, _, method = bound.name.partition(".")
                operation, _ = _COLLECTIONS[thing.client.service, thing.kind][collection]
                yield self._sent(thing.client, operation, call, scope, (), thing.identifiers)
                if method == "delete":
                    yield self._sent(thing.client, "delete_objects", call, scope, (), thing.identifiers)
            case Bound(of=Thing() as thing, kind="method", name=name):
                if (thing.client.service, name) not in _IDENTIFIERS:
                    yield from self._methods(thing, name, call, scope)

    def _methods(self, thing: Thing, name: str, call: ast.Call, scope: Scope) -> Iterator[SdkCall]:
        kind = "Object" if thing.kind == "ObjectSummary" else thing.kind
        client = thing.client
        operations = _METHODS.get((client.service, kind), {}).get(name)
        if operations is None:
            why = f"nothing is known of {thing.kind or 'the resource'}.{name}"
            yield SdkCall(client.service, "", (), client.region, f"{scope.file}:{call.lineno}", why)
            return
        for operation in operations:
            positions = _THING_POSITIONS.get((kind, name), ())
            yield self._sent(client, operation, call, scope, positions, thing.identifiers)

    def _presigned(self, client: Client, call: ast.Call, scope: Scope) -> SdkCall:
        """A signed address lets whoever holds it do what its signer may."""
        method = self._argument(call, scope, "ClientMethod", 0)
        where = f"{scope.file}:{call.lineno}"
        if not isinstance(method, str):
            return SdkCall(client.service, "", (), client.region, where, "the code works out what it signs")
        parameters = next((word.value for word in call.keywords if word.arg == "Params"), None)
        if parameters is None and len(call.args) > 1:
            parameters = call.args[1]
        given: dict[str, tuple[Value, ...]] = {}
        for value in self._values(parameters, scope) if parameters is not None else ():
            if isinstance(value, Table):
                given.update((key, (item,)) for key, item in value.items)
        return SdkCall(client.service, method, self._kept(client.service, given, where), client.region, where)

    def _sent(
        self,
        client: Client,
        operation: str,
        call: ast.Call,
        scope: Scope,
        positions: tuple[str, ...],
        identifiers: tuple[tuple[str, Textual], ...] = (),
    ) -> SdkCall:
        where = f"{scope.file}:{call.lineno}"
        given: dict[str, tuple[Value, ...]] = {name: (Literal(value),) for name, value in identifiers}
        for name, argument in zip(positions, call.args, strict=False):
            given[name] = self._values(argument, scope)
        for word in call.keywords:
            values = self._values(word.value, scope)
            if word.arg is not None:
                given[word.arg] = values
                continue
            for value in values:
                if isinstance(value, Table):
                    given.update((key, (item,)) for key, item in value.items)
        return SdkCall(client.service, operation, self._kept(client.service, given, where), client.region, where)

    def _kept(
        self, service: str, given: Mapping[str, tuple[Value, ...]], where: str
    ) -> tuple[tuple[str, Textual], ...]:
        found: dict[tuple[str, Textual], None] = {}
        for name, values in given.items():
            for path, value in _flat(name, values, where):
                kept = value if self._keeps(service, path) else Unknown(f"{where}: {path}", why="it is what is sent")
                found[path, kept] = None
        return tuple(found)

    # -- what expressions stand for

    def _values(self, node: ast.expr, scope: Scope, depth: int = 0) -> tuple[Value, ...]:
        frame = self._frames.get(scope)
        key = id(node), id(scope), frame[0] if frame is not None else None
        found = self._known.get(key) or self._partly.get(key)
        if found is not None:
            return found
        if depth > DEEPEST or key in self._asking or self.steps >= self._enough:
            self._cut = True
            return _UNCLEAR
        self.steps += 1
        self._asking.add(key)
        whole, self._cut = self._cut, False
        try:
            values = tuple(dict.fromkeys(self._worked_out(node, scope, depth + 1)))
        finally:
            self._asking.discard(key)
        if not values or len(values) > MOST or _is_large(values):
            values = _UNCLEAR
        # What was cut short holds for the question that is being answered, or names that mean each other would be
        # looked at again on every way to them; asked for by itself it may be known.
        (self._partly if self._cut else self._known)[key] = values
        self._cut = self._cut or whole
        if not self._asking:
            self._partly.clear()
            self._cut = False
        return values

    def _worked_out(self, node: ast.expr, scope: Scope, depth: int) -> Iterator[Value]:
        match node:
            case ast.Constant(value=str(written)):
                yield Literal(written)
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                yield Literal(str(number))
            case ast.JoinedStr():
                yield Literal(text(*(self._piece(part, scope, depth) for part in node.values)))
            case ast.BinOp(op=ast.Add()):
                left, right = (self._text(side, scope, depth) for side in (node.left, node.right))
                yield Literal(text(left, right))
            case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(shape))):
                given = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
                yield Literal(self._formatted(re.split(r"%[sdr]", shape), list(given), scope, depth))
            case ast.BoolOp(op=ast.Or()):
                first = self._values(node.values[0], scope, depth)
                rest = tuple(value for part in node.values[1:] for value in self._values(part, scope, depth))
                for value in first:
                    yield _with_default(value, rest)
                if not all(isinstance(value, Literal) for value in first):
                    yield from rest
            case ast.IfExp():
                yield from self._values(node.body, scope, depth)
                yield from self._values(node.orelse, scope, depth)
            case ast.Await() | ast.NamedExpr() | ast.Starred():
                yield from self._values(node.value, scope, depth)
            case ast.List() | ast.Tuple() | ast.Set():
                items = [value for part in node.elts for value in self._values(part, scope, depth)]
                yield Each(tuple(items)) if items else Each(_UNCLEAR)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                yield Each(self._values(node.elt, scope, depth))
            case ast.Dict():
                yield from self._mapping(node, scope, depth)
            case ast.Name():
                yield from self._name(node.id, scope, depth)
            case ast.Attribute():
                for value in self._values(node.value, scope, depth):
                    yield from self._attribute(value, node.attr, depth)
            case ast.Subscript():
                for value in self._values(node.value, scope, depth):
                    yield from self._item(value, node.slice, scope, depth)
            case ast.Call():
                yield from self._result(node, scope, depth)
            case _:
                yield Unclear()

    def _text(self, node: ast.expr, scope: Scope, depth: int) -> Textual:
        return joined(self._values(node, scope, depth), f"{scope.file}:{node.lineno}")

    def _piece(self, part: ast.expr, scope: Scope, depth: int) -> Textual:
        return self._text(part.value if isinstance(part, ast.FormattedValue) else part, scope, depth)

    def _formatted(self, pieces: list[str], given: list[ast.expr], scope: Scope, depth: int) -> Textual:
        parts: list[Textual] = [pieces[0]]
        for number, piece in enumerate(pieces[1:]):
            filled = (
                self._text(given[number], scope, depth)
                if number < len(given)
                else Unknown(scope.file, why="the code works it out")
            )
            parts += [filled, piece]
        return text(*parts)

    def _mapping(self, node: ast.Dict, scope: Scope, depth: int) -> Iterator[Value]:
        items: list[tuple[str, Value]] = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                for found in self._values(value, scope, depth):
                    items.extend(found.items if isinstance(found, Table) else ())
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                items.extend((key.value, found) for found in self._values(value, scope, depth))
        yield Table(tuple(items))

    def _name(self, name: str, scope: Scope, depth: int) -> Iterator[Value]:
        where: Scope | None = scope
        while where is not None:
            # The body of a class is no scope of its methods.
            visible = where is scope or not isinstance(where.node, ast.ClassDef)
            if visible and name in where.bindings:
                yield from self._bound(name, where, depth)
                return
            where = where.outer
        yield Unclear()

    def _bound(self, name: str, scope: Scope, depth: int) -> tuple[Value, ...]:
        key = id(scope), name
        if key in self._naming:  # modules that import a name from each other, a name that is itself
            self._cut = True
            return _UNCLEAR
        self._naming.add(key)
        try:
            found = [value for binding in scope.bindings[name] for value in self._binding(binding, depth)]
            if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.extend(self._passed(name, scope, depth))
        finally:
            self._naming.discard(key)
        return tuple(found)

    def _binding(self, binding: Binding, depth: int) -> Iterator[Value]:
        if binding.value is not None:
            if isinstance(binding.value, Named):
                yield from self._named(binding.value.path, binding.scope, depth)
            else:
                yield binding.value
        elif binding.expression is None:
            yield Unclear()
        elif binding.element:
            for value in self._values(binding.expression, binding.scope, depth):
                yield value if isinstance(value, Each) else Unclear()
        else:
            yield from self._values(binding.expression, binding.scope, depth)

    def _passed(self, name: str, function: Scope, depth: int) -> Iterator[Value]:
        """What callers pass for a parameter: its object for the first of a method, else what their calls say."""
        frame = self._frames.get(function)
        if frame is not None and name in frame[1]:
            yield from frame[1][name]
            return
        node = function.node
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        named = [*positional, *(argument.arg for argument in node.args.kwonlyargs)]
        if name not in named:
            return
        bare = {part.id for part in node.decorator_list if isinstance(part, ast.Name)}
        method = function.in_class and "staticmethod" not in bare
        if method and positional[:1] == [name]:
            assert function.outer is not None
            yield Defined(function.outer) if "classmethod" in bare else Instance(function.outer)
            return
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        annotation = next(each.annotation for each in arguments if each.arg == name)
        typed = self._typed(annotation, function, depth) if annotation is not None else None
        if typed is not None:
            yield typed
            return
        found = False
        spelled = node.name
        if spelled == "__init__" and function.outer is not None and isinstance(function.outer.node, ast.ClassDef):
            spelled = function.outer.node.name
        place = positional.index(name) - (1 if method else 0) if name in positional else None
        callers = self._called.get(spelled, ())
        if len(callers) > CALLERS:
            yield Unclear()
            return
        for call, scope in callers:
            if not self._is_of(call, scope, function, depth):
                continue
            if any(isinstance(argument, ast.Starred) for argument in call.args):
                yield Unclear()
                found = True
                continue
            given = next((word.value for word in call.keywords if word.arg == name), None)
            if given is None and place is not None and place < len(call.args):
                given = call.args[place]
            if given is None and any(word.arg is None for word in call.keywords):
                yield Unclear()
                found = True
            elif given is not None:
                found = True
                yield from self._values(given, scope, depth)
        if not found and not function.bindings.get(name):
            yield Unclear()

    def _is_of(self, call: ast.Call, scope: Scope, function: Scope, depth: int) -> bool:
        """Whether a call is of that function, method or class."""
        for value in self._values(call.func, scope, depth):
            match value:
                case Defined(scope=found) if found is function or (
                    found is function.outer and isinstance(found.node, ast.ClassDef)
                ):
                    return True
                case Bound(of=Instance(of=owner), name=name):
                    if self._method(owner, name, 0) is function:
                        return True
        return False

    def _typed(self, annotation: ast.expr, scope: Scope, depth: int) -> Value | None:
        """A client that a type of boto3's stubs declares."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
        for value in self._values(annotation, scope, depth):
            match = _CLIENT_TYPES.fullmatch(value.path) if isinstance(value, Named) else None
            if match is not None:
                service = match["service"].rstrip("_").replace("_", "-")
                return Client(service, resource=match["kind"] == "ServiceResource")
        return None

    def _named(self, path: str, scope: Scope, depth: int) -> Iterator[Value]:
        """What an imported name is: a module or name of the code itself, or one of elsewhere."""
        if path.startswith("."):
            words = scope.file.removesuffix(".py").split("/")
            up = len(path) - len(path.lstrip("."))
            package = words[:-up] if up <= len(words) else []
            path = ".".join([*package, path.lstrip(".")])
        for name, rest in ((path, ""), path.rpartition(".")[::2]):
            modules = self._dotted.get(name, ())
            if len(modules) == 1 and modules[0] is not scope.module:
                if not rest:
                    yield Imported(modules[0])
                else:
                    yield from self._attribute(Imported(modules[0]), rest, depth)
                return
        yield _outside(path)

    def _attribute(self, value: Value, name: str, depth: int) -> Iterator[Value]:
        match value:
            case Named(path=path):
                modules = self._dotted.get(f"{path}.{name}", ())
                yield Imported(modules[0]) if len(modules) == 1 else _outside(f"{path}.{name}")
            case Imported(scope=module):
                below = self._modules.get(f"{module.file.removesuffix('__init__.py')}{name}.py")
                if name in module.bindings:
                    yield from self._bound(name, module, depth)
                elif below is not None and module.file.endswith("__init__.py"):
                    yield Imported(below)
                else:
                    yield Unclear()
            case Defined(scope=scope) if isinstance(scope.node, ast.ClassDef):
                yield from self._of_class(scope, name, depth)
            case Instance(of=scope):
                method = self._method(scope, name, depth)
                if method is None:
                    yield from self._of_class(scope, name, depth)
                elif _is_property(method):
                    yield from self._returns(method, depth)
                else:
                    yield Bound(value, name)
            case Session() if name in ("client", "create_client", "resource"):
                yield Bound(value, name)
            case Client() | Thing():
                thing = value if isinstance(value, Thing) else Thing(value, "", ())
                wrapped = isinstance(value, Thing) or value.resource
                collections = _COLLECTIONS.get((thing.client.service, thing.kind), {}) if wrapped else {}
                yield Bound(value, name, "collection" if name in collections else "method")
            case Bound(of=Client() | Thing() as owner, name="meta") if name == "client":
                client = owner.client if isinstance(owner, Thing) else owner
                yield Client(client.service, client.region, client.foreign)
            case Bound(of=Client(), kind="paginator") if name == "paginate":
                yield Bound(value.of, value.name, "paginate")
            case Bound(of=Client(), kind="waiter") if name == "wait":
                yield Bound(value.of, value.name, "wait")
            case Bound(of=Client() | Thing(), kind="collection"):
                yield Bound(value.of, f"{value.name}.{name}", "collected")
            case Environ() if name in ("get", "setdefault"):
                yield Bound(value, name)
            case Each(items=items):
                # What every element has: a message of a queue, an object of a bucket.
                for item in items:
                    if isinstance(item, Thing | Client):
                        yield from self._attribute(item, name, depth)
            case _:
                yield Unclear()

    def _of_class(self, scope: Scope, name: str, depth: int) -> Iterator[Value]:
        """What an attribute of a class or its objects is: of the nearest base that has it."""
        for owner in self._line(scope, depth):
            found = [*owner.attributes.get(name, ()), *owner.bindings.get(name, ())]
            for binding in found:
                yield from self._binding(binding, depth)
            if found:
                return

    def _line(self, scope: Scope, depth: int) -> Iterator[Scope]:
        """A class and those that it inherits from, each once."""
        seen: dict[Scope, None] = {}
        pending = [scope]
        while pending:
            owner = pending.pop(0)
            if owner not in seen and len(seen) < DEEPEST:
                seen[owner] = None
                yield owner
                pending.extend(self._bases(owner, depth))

    def _method(self, scope: Scope, name: str, depth: int) -> Scope | None:
        for owner in self._line(scope, depth):
            for binding in owner.bindings.get(name, ()):
                if isinstance(binding.value, Defined) and not isinstance(binding.value.scope.node, ast.ClassDef):
                    return binding.value.scope
            if name in owner.attributes or name in owner.bindings:
                return None
        return None

    def _bases(self, scope: Scope, depth: int) -> Iterator[Scope]:
        assert isinstance(scope.node, ast.ClassDef)
        for base in scope.node.bases:
            for value in self._values(base, scope.outer or scope, depth):
                if isinstance(value, Defined) and isinstance(value.scope.node, ast.ClassDef):
                    yield value.scope

    def _item(self, value: Value, index: ast.expr, scope: Scope, depth: int) -> Iterator[Value]:
        key = self._text(index, scope, depth)
        match value:
            case Environ():
                yield Literal(environment_hole(key)) if isinstance(key, str) else Unclear()
            case Table(items=items):
                found = [item for name, item in items if name == key]
                yield from found or _UNCLEAR
            case Each(items=items) if isinstance(key, str) and key.isdecimal() and int(key) < len(items):
                yield items[int(key)]
            case _:
                yield Unclear()

    def _result(self, call: ast.Call, scope: Scope, depth: int) -> Iterator[Value]:
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant):
            if call.func.attr == "format" and isinstance(call.func.value.value, str) and not call.keywords:
                pieces = re.split(r"\{\d*\}", call.func.value.value)
                if not re.search(r"\{[^}]", "".join(pieces)):
                    yield Literal(self._formatted(pieces, list(call.args), scope, depth))
                    return
            yield Unclear()
            return
        for value in self._values(call.func, scope, depth):
            yield from self._returned(value, call, scope, depth)

    def _returned(self, value: Value, call: ast.Call, scope: Scope, depth: int) -> Iterator[Value]:
        match value:
            case Named(path="os.getenv") | Bound(of=Environ()):
                yield from self._variable(call, scope, depth)
            case Named(path=path) if path in _SESSIONS:
                region = self._optional(call, scope, "region_name")
                yield Session(region, _foreign(call))
            case Bound(of=Session() as session, name=name):
                service = self._argument(call, scope, "service_name", 0)
                if isinstance(service, str):
                    region = self._optional(call, scope, "region_name", 1)
                    stranger = session.foreign or _foreign(call) or self._elsewhere(call, scope)
                    chosen = session.region if isinstance(region, str) and not region else region
                    yield Client(service, chosen, stranger, name == "resource")
                else:
                    yield Unclear()
            case Bound(of=Client() as client, name="get_paginator" | "get_waiter" as name, kind="method"):
                which = self._argument(call, scope, "operation_name" if name == "get_paginator" else "waiter_name", 0)
                if isinstance(which, str):
                    yield Bound(client, which, name.removeprefix("get_"))
                else:
                    yield Unclear()
            case Bound(of=Client(resource=False, service="sqs"), name="get_queue_url", kind="method"):
                # The queue's address ends in its name, which is all that is asked of it.
                yield Table((("QueueUrl", Literal(self._argument(call, scope, "QueueName", None))),))
            case Bound(of=Client(resource=True) as client, name=kind) if (client.service, kind) in _IDENTIFIERS:
                yield self._thing(client, kind, (), call, scope)
            case Bound(of=Client(resource=True, service="sqs") as client, name="get_queue_by_name" | "create_queue"):
                yield Thing(client, "Queue", (("QueueUrl", self._argument(call, scope, "QueueName", None)),))
            case Bound(of=Thing(client=client, kind="Bucket") as bucket, name="Object"):
                yield self._thing(client, "Object", bucket.identifiers, call, scope)
            case Bound(of=Thing(client=client, kind="Queue") as queue, name="receive_messages"):
                yield Each((Thing(client, "Message", queue.identifiers),))
            case Bound(of=Client() | Thing() as owner, kind="collected"):
                thing = owner if isinstance(owner, Thing) else Thing(owner, "", ())
                _, kind = _COLLECTIONS[thing.client.service, thing.kind][value.name.partition(".")[0]]
                if kind:
                    yield Each((Thing(thing.client, kind, thing.identifiers),))
            case Bound(of=Client() | Thing(), name="__enter__" | "__aenter__"):
                yield value.of
            case Bound(of=Instance(of=owner), name=name):
                method = self._method(owner, name, depth)
                yield from self._answered(method, call, scope, depth) if method is not None else _UNCLEAR
            case Defined(scope=found):
                if isinstance(found.node, ast.ClassDef):
                    yield Instance(found)
                else:
                    yield from self._answered(found, call, scope, depth)
            case _:
                yield Unclear()

    def _answered(self, function: Scope, call: ast.Call, scope: Scope, depth: int) -> tuple[Value, ...]:
        """What a function returns to this very call, whose arguments are its parameters meanwhile."""
        if function in self._frames or not isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return tuple(self._returns(function, depth))
        names = [argument.arg for argument in (*function.node.args.posonlyargs, *function.node.args.args)]
        bare = {part.id for part in function.node.decorator_list if isinstance(part, ast.Name)}
        if function.in_class and "staticmethod" not in bare:
            names = names[1:]
        plain = not any(isinstance(argument, ast.Starred) for argument in call.args)
        given = {
            name: self._values(argument, scope, depth)
            for name, argument in zip(names, call.args if plain else (), strict=False)
        }
        given |= {word.arg: self._values(word.value, scope, depth) for word in call.keywords if word.arg is not None}
        above = self._frames.get(scope)
        self._frames[function] = (id(call), above[0] if above is not None else None), given
        try:
            return tuple(self._returns(function, depth))
        finally:
            del self._frames[function]

    def _returns(self, function: Scope, depth: int) -> Iterator[Value]:
        for expression in function.returns:
            yield from self._values(expression, function, depth)

    def _variable(self, call: ast.Call, scope: Scope, depth: int) -> Iterator[Value]:
        name = self._argument(call, scope, "key", 0)
        if not isinstance(name, str):
            yield Unclear()
            return
        given = (
            call.args[1] if len(call.args) > 1 else next((w.value for w in call.keywords if w.arg == "default"), None)
        )
        default = self._values(given, scope, depth) if given is not None else ()
        yield _with_default(Literal(environment_hole(name)), default)

    def _thing(
        self, client: Client, kind: str, above: tuple[tuple[str, Textual], ...], call: ast.Call, scope: Scope
    ) -> Thing:
        names = _IDENTIFIERS[client.service, kind][len(above) :]
        spelled = {"Bucket": ("name", "bucket_name"), "TableName": ("name",), "Key": ("key",), "QueueUrl": ("url",)}
        found = list(above)
        for number, name in enumerate(names):
            value: Textual | None = None
            for word in ("arn", *spelled.get(name, ())):
                if any(keyword.arg == word for keyword in call.keywords):
                    value = self._argument(call, scope, word, None)
            found.append((name, self._argument(call, scope, "", number) if value is None else value))
        return Thing(client, kind, tuple(found))

    def _argument(self, call: ast.Call, scope: Scope, name: str, place: int | None) -> Textual:
        """The text that is passed under a name or at a place; unknown where nothing, or no text, is."""
        given = next((word.value for word in call.keywords if word.arg == name), None)
        if given is None and place is not None and place < len(call.args):
            given = call.args[place]
        if given is None:
            return Unknown(f"{scope.file}:{call.lineno}: {name}", why="the call does not say it")
        return self._text(given, scope, 1)

    def _optional(self, call: ast.Call, scope: Scope, name: str, place: int | None = None) -> Textual:
        """Like ``_argument``, with "" for what is left out or None."""
        given = next((word.value for word in call.keywords if word.arg == name), None)
        if given is None and place is not None and place < len(call.args):
            given = call.args[place]
        if given is None or (isinstance(given, ast.Constant) and given.value is None):
            return ""
        return self._text(given, scope, 1)

    def _elsewhere(self, call: ast.Call, scope: Scope) -> bool:
        """Whether a client is pointed at something that is not AWS."""
        address = self._optional(call, scope, "endpoint_url")
        return isinstance(address, str) and address != "" and _AWS_HOST.match(address) is None


def _outside(path: str) -> Value:
    match path:
        case "os.environ":
            return Environ()
        case "boto3":
            return Named(path)
        case "boto3.client" | "boto3.resource":
            return Bound(Session(), path.partition(".")[2])
        case _:
            return Named(path)


def _is_large(values: tuple[Value, ...]) -> bool:
    size = 0
    pending: list[Value] = list(values)
    while pending and size <= LARGEST:
        value = pending.pop()
        size += 1
        match value:
            case Literal(value=written):
                parts = written.parts if isinstance(written, Text) else (written,)
                size += sum(len(part) if isinstance(part, str) else 1 for part in parts)
            case Each(items=items):
                pending.extend(items)
            case Table(items=pairs):
                pending.extend(item for _, item in pairs)
    return size > LARGEST


def _is_property(method: Scope) -> bool:
    assert isinstance(method.node, ast.FunctionDef | ast.AsyncFunctionDef)
    decorators = method.node.decorator_list
    names = {part.id for part in decorators if isinstance(part, ast.Name)}
    names |= {part.attr for part in decorators if isinstance(part, ast.Attribute)}
    return bool(names & {"property", "cached_property"})


def _foreign(call: ast.Call) -> bool:
    """Whether a session or client gets credentials of its own."""
    return any(
        word.arg in _THEIR_OWN and not (isinstance(word.value, ast.Constant) and word.value.value is None)
        for word in call.keywords
    )


def _with_default(value: Value, default: tuple[Value, ...]) -> Value:
    """What the environment says, or else that default, where the default is one plain text."""
    if not isinstance(value, Literal) or not isinstance(value.value, Unknown) or len(default) != 1:
        return value
    variable = variable_of(value.value)
    fallback = default[0]
    if variable is None or variable[1] is not None or not isinstance(fallback, Literal):
        return value
    return Literal(environment_hole(variable[0], fallback.value)) if isinstance(fallback.value, str) else value


def _flat(path: str, values: tuple[Value, ...], where: str) -> Iterator[tuple[str, Textual]]:
    """Paths and texts of an argument: those of a mapping's keys, and each of a list's elements."""
    inner = [value for value in values if isinstance(value, Table | Each)]
    if not inner or len(values) > 1:
        yield path, joined(values, f"{where}: {path}")
        return
    for value in inner:
        if isinstance(value, Table):
            yield path, Unknown(f"{where}: {path}", why=MAPPING)
            for key, item in value.items:
                yield from _flat(f"{path}.{key}", (item,), where)
        else:
            assert isinstance(value, Each)
            for item in value.items:
                yield from _flat(path, (item,), where)


def _place(call: SdkCall) -> tuple[str, int, str, str]:
    file, _, line = call.where.rpartition(":")
    return file, int(line) if line.isdecimal() else 0, call.service, call.operation
