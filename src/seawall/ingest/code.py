"""Source code that workloads run, read for the calls of AWS that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from seawall.graph.resource import Resource
from seawall.ingest.autopilot import autopilot, understands
from seawall.ingest.folders import files_below
from seawall.ingest.python_calls import python_calls
from seawall.ingest.sdk_call import SdkCall
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.knowledge import sdk_operations
from seawall.readers.kubernetes.containers import sensitive

MAX_BYTES: Final = 2_000_000
"""What people write is smaller; a larger file was generated and is left out, which is said."""
MAX_FILES: Final = 20_000
"""More files than this are no application but a file system."""

_TESTS: Final = frozenset({"test", "tests", "__tests__", "testdata"})
_SUFFIX: Final = ".py"


def code(paths: Mapping[str, Path]) -> Iterator[Resource]:
    """The code of each workload as a resource of type ``file/code``, by the name of the workload that runs it.

    A name is that of a workload, ``namespace/name`` or ``kind/namespace/name``. Python is read here; Java, Go,
    JavaScript and TypeScript by iam-policy-autopilot, where it is installed. Tests are left out. The body has
    ``workload``, ``calls`` (service, operation, arguments, region, where) and ``unread`` (service, why, where). Raises
    InputError where a path is not there or holds no such code.
    """
    for workload, path in paths.items():
        yield _code(workload, path)


def _code(workload: str, path: Path) -> Resource:
    if not path.exists():
        raise InputError(f"there is no {path}", fix="give --code NAME=DIR, the folder of what the workload runs")
    files = [path] if path.is_file() else [file for file in files_below(path) if not _is_test(file, path)]
    if len(files) > MAX_FILES:
        raise InputError(f"{path} holds more than {MAX_FILES:,} files", fix="name the folder of the source code")
    root = path.parent if path.is_file() else path
    python = {file.relative_to(root).as_posix(): file for file in files if file.suffix == _SUFFIX}
    others = [file for file in files if understands(file)]
    if not python and not others:
        raise InputError(
            f"{path} holds no source code that can be read",
            fix="Python is read as it stands; Java, Go, JavaScript and TypeScript with the extra `code`",
        )
    calls: list[dict[str, Any]] = []
    unread: list[dict[str, str]] = []
    sources: dict[str, str] = {}
    for name, file in python.items():
        source = _text(file)
        if source is None:
            unread.append({"service": "", "why": "it is too large, or no UTF-8 text", "where": name})
        else:
            sources[name] = source
    # Without the word boto no Python gets at AWS; to parse a large program takes seconds.
    uses = any("boto" in source for source in sources.values())
    found = (*(python_calls(sources, _keeps) if uses else ()), *autopilot(others, root, _keeps))
    calls.extend(_call(each) for each in found if each.operation)
    unread.extend(
        {"service": each.service, "why": each.why, "where": each.where} for each in found if not each.operation
    )
    body = {"workload": workload, "calls": calls, "unread": unread}
    shown = str(path)
    return Resource(Address.file(shown).implied(workload.replace("/", ".")), "file/code", body, Origin(shown, 1))


def _call(call: SdkCall) -> dict[str, Any]:
    return {
        "service": call.service,
        "operation": call.operation,
        "arguments": [list(pair) for pair in call.arguments],
        "region": call.region,
        "where": call.where,
    }


def _is_test(file: Path, root: Path) -> bool:
    folders = set(file.relative_to(root).parts[:-1])
    return (
        bool(folders & _TESTS) or file.name.startswith(("test_", "conftest.")) or file.stem.endswith(("_test", "Test"))
    )


def _text(file: Path) -> str | None:
    try:
        if file.stat().st_size > MAX_BYTES:
            return None
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return None
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}", origin=Origin(str(file))) from None


def _keeps(service: str, path: str) -> bool:
    """Whether an argument may say which resource is meant; whatever else is sent is none of ours."""
    return path in sdk_operations.naming(service) and not sensitive(path.rpartition(".")[2])
