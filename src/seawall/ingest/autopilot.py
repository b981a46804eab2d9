"""Calls of AWS in Java, Go, JavaScript and TypeScript, as iam-policy-autopilot finds them.

Only its finding of calls is used, which needs no network; which actions a call needs is looked up here, as for Python.
It sees neither how a client was made nor what a name stands for, so less is known of a call than of one in Python.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from seawall.facts.application import environment_hole
from seawall.ingest.sdk_call import SdkCall
from seawall.kernel.value import Textual, Unknown

COMMAND: Final = "iam-policy-autopilot"
SECONDS: Final = 120.0
"""How long it may take for one language; it reads a large application in a few seconds."""
AT_ONCE: Final = 400
"""Files of one run, so that no command line is too long."""

_SUFFIXES: Final = frozenset({".java", ".go", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})
_SDKS: Final = ("software.amazon.awssdk", "aws-sdk-go-v2", "@aws-sdk/")
_OTHERWISE: Final = re.compile(
    r"endpointOverride|StaticCredentials|StsAssumeRole|AssumeRoleProvider|fromTemporaryCredentials|BaseEndpoint"
    r"|accessKeyId|\bendpoint\s*:"
)
"""What says in one of these languages that a client calls as somebody else, or something that is not AWS."""
_STRING: Final = r'"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*'"
_VARIABLE: Final = re.compile(
    r"(?:System\.getenv|os\.Getenv)\(\s*\"(?P<call>\w+)\"\s*\)|process\.env(?:\.(?P<dot>\w+)|\[['\"](?P<item>\w+)['\"]\])"
)
_BUILDER: Final = re.compile(rf"\.(?P<name>\w+)\(\s*(?P<value>{_STRING}|System\.getenv\(\s*\"\w+\"\s*\)|[\w.]+)\s*\)")
_FIELD: Final = re.compile(
    rf"\b(?P<name>[A-Za-z]\w*):\s*(?:aws\.String\(\s*)?(?P<value>{_STRING}|os\.Getenv\(\s*\"\w+\"\s*\)|[\w.]+)"
)


def understands(file: Path) -> bool:
    """Whether a file is of a language that it reads and this package does not."""
    return file.suffix in _SUFFIXES


def autopilot(files: Sequence[Path], root: Path, keeps: Callable[[str, str], bool]) -> Iterator[SdkCall]:
    """The calls in those files that name an SDK of AWS; what cannot be told is a call without operation.

    ``keeps`` says of a service and an argument whether its value may be kept.
    """
    texts = {file: text for file in files if any(sdk in (text := _text(file)) for sdk in _SDKS)}
    if not texts:
        return
    # In a virtual environment that nobody activated it lies beside the interpreter.
    program = shutil.which(COMMAND) or shutil.which(COMMAND, path=str(Path(sys.executable).parent))
    if program is None:
        names = sorted(file.relative_to(root).as_posix() for file in texts)
        for name in names:
            yield SdkCall("", "", (), "", name, f"{COMMAND}, which reads it, is not installed")
        return
    # A client's region is said where it is made, which is not seen: without the word there is none.
    regional = any("region" in text.lower() for text in texts.values())
    by_suffix: dict[str, list[Path]] = {}
    for file in texts:
        by_suffix.setdefault(file.suffix, []).append(file)
    for of_language in by_suffix.values():
        for start in range(0, len(of_language), AT_ONCE):
            for call in _asked(program, of_language[start : start + AT_ONCE], root, keeps, regional):
                otherwise = call.operation and _OTHERWISE.search(texts.get(root / call.where.rpartition(":")[0], ""))
                if otherwise:
                    why = f"its file has {otherwise[0].strip()}: it may be called as somebody else, or elsewhere"
                    yield SdkCall(call.service, "", (), "", call.where, why)
                else:
                    yield call


def _asked(
    program: str, files: Sequence[Path], root: Path, keeps: Callable[[str, str], bool], regional: bool
) -> Iterator[SdkCall]:
    where = files[0].relative_to(root).as_posix()
    absolute = [str(file.absolute()) for file in files]
    with tempfile.TemporaryDirectory() as home:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": home,
            "TMPDIR": home,
            "DISABLE_IAM_POLICY_AUTOPILOT_TELEMETRY": "true",
        }
        command = [program, "extract-sdk-calls", "--full-output", *absolute]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, env=environment, check=False)
        except subprocess.TimeoutExpired:
            yield SdkCall("", "", (), "", where, f"{COMMAND} did not end within {SECONDS:.0f} s")
            return
        except OSError as error:
            yield SdkCall("", "", (), "", where, f"{COMMAND} cannot be run: {error.strerror}")
            return
    if done.returncode != 0:
        yield SdkCall("", "", (), "", where, f"{COMMAND} ended with status {done.returncode}")
        return
    try:
        yield from found(orjson.loads(done.stdout), root.absolute(), keeps, regional)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        yield SdkCall("", "", (), "", where, f"{COMMAND} answers in a form that is not known")


def found(answer: Any, root: Path, keeps: Callable[[str, str], bool], regional: bool = False) -> Iterator[SdkCall]:
    """The calls of an answer, in the order of their places.

    Raises KeyError, TypeError, ValueError or AttributeError for an answer of another form.
    """
    for each in sorted(answer, key=lambda each: str(each["Metadata"]["Location"])):
        metadata = each["Metadata"]
        file, _, place = metadata["Location"].rpartition(":")
        name = Path(file).relative_to(root).as_posix() if Path(file).is_absolute() else file
        where = f"{name}:{int(place.split('.')[0])}"
        services = [str(service) for service in each["PossibleServices"]]
        if "(" not in metadata["Expr"]:
            for service in services:
                yield SdkCall(
                    service, "", (), "", where, f"{each['Name']} is imported, and nothing says whether it is called"
                )
            continue
        if len(services) != 1:
            for service in services:
                yield SdkCall(service, "", (), "", where, f"{each['Name']} may be of {' or '.join(services)}")
            continue
        if name.endswith(".go") and not any("struct_fields" in _positional(one) for one in metadata["Parameters"]):
            why = f"{each['Name']} gets no input of an SDK where it is called, and may be anybody's"
            yield SdkCall(services[0], "", (), "", where, why)
            continue
        region: Textual = Unknown(where, why="how the client is made is not looked at") if regional else ""
        arguments = tuple(_arguments(services[0], metadata.get("Parameters", ()), where, keeps))
        yield SdkCall(services[0], str(each["Name"]), arguments, region, where)


def _arguments(
    service: str, parameters: Sequence[Any], where: str, keeps: Callable[[str, str], bool]
) -> Iterator[tuple[str, Textual]]:
    told: dict[tuple[str, Textual], None] = {}
    for parameter in parameters:
        if "Keyword" in parameter:
            keyword = parameter["Keyword"]
            value = keyword["value"]
            resolved = value.get("Resolved")
            spelled = resolved if isinstance(resolved, str) else None
            written = str(value.get("Unresolved", ""))
            told[_named(service, keyword["name"], _value(spelled, written, where), keeps)] = None
            continue
        expression = str(parameter["Positional"]["value"].get("Unresolved", ""))
        shape = _FIELD if "{" in expression else _BUILDER
        for match in shape.finditer(expression):
            if match["name"] not in ("builder", "build", "TODO", "Background"):
                literal = match["value"][1:-1] if match["value"][0] in "\"'" else None
                told[_named(service, match["name"], _value(literal, match["value"], where), keeps)] = None
    yield from told


def _positional(parameter: Any) -> dict[str, Any]:
    inner = parameter.get("Positional")
    return inner if isinstance(inner, dict) else {}


def _value(literal: str | None, written: str, where: str) -> Textual:
    if literal is not None:
        return literal
    variable = _VARIABLE.fullmatch(written.strip().removesuffix("!"))
    if variable is not None:
        return environment_hole(variable["call"] or variable["dot"] or variable["item"])
    return Unknown(where, why="the code works it out")


def _named(service: str, name: str, value: Textual, keeps: Callable[[str, str], bool]) -> tuple[str, Textual]:
    """An argument under boto3's spelling of its name, which begins with a capital where the service's API does."""
    spellings = (name, name[:1].upper() + name[1:], name[:1].lower() + name[1:])
    kept = next((spelling for spelling in spellings if keeps(service, spelling)), None)
    if kept is None:
        return spellings[1], Unknown(name, why="it is what is sent")
    return kept, value


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
