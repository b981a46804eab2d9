"""A Terraform that plays: it keeps states and locks as files, makes things as lines, and hangs or dies when told.

Run as the program `terraform` by tests. FAKE_WORLD names its folder: `buckets/<bucket>/<key>` are the objects of
the fake S3, `things` has a line for every thing made or destroyed, `calls.jsonl` every call with its environment's
names, and `behave.json` maps `stack command` to `fail`, `hang`, `die` or `drop` (make one and never hear of it).
"""

from __future__ import annotations

import json
import os
import pwd
import signal
import socket
import sys
import time
from pathlib import Path

WORLD = Path(os.environ["FAKE_WORLD"])
HERE = Path.cwd()
STACK = HERE.name


def say(**message: object) -> None:
    """Write one message."""
    print(json.dumps({"@level": "info", **message}), flush=True)


def behaviour(command: str) -> str:
    """How this stack was told to behave in a command."""
    path = WORLD / "behave.json"
    told = json.loads(path.read_text()) if path.exists() else {}
    return str(told.get(f"{STACK} {command}", ""))


def documents() -> list[dict]:
    """The files of the stack."""
    return [json.loads(path.read_text()) for path in sorted(HERE.glob("*.tf.json"))]


def state_path() -> Path:
    """The object that is its state."""
    backend = next(one["terraform"]["backend"]["s3"] for one in documents() if "terraform" in one)
    return WORLD / "buckets" / backend["bucket"] / backend["key"]


def described() -> dict[str, dict]:
    """Its resources by address."""
    return {
        f"{type}.{name}": body
        for one in documents()
        for type, named in one.get("resource", {}).items()
        for name, body in named.items()
    }


def outputs() -> dict[str, dict]:
    """Its outputs."""
    return {name: {"value": f"value of {name}"} for one in documents() for name in one.get("output", {})}


def read_state() -> list[str]:
    """The addresses in its state."""
    path = state_path()
    if not path.exists():
        return []
    return [f"{one['type']}.{one['name']}" for one in json.loads(path.read_text())["resources"]]


def write_state(addresses: list[str]) -> None:
    """Save its state."""
    resources = [
        {"mode": "managed", "type": type, "name": name, "instances": [{}]}
        for type, name in (address.split(".") for address in addresses)
    ]
    path = state_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"resources": resources, "outputs": outputs() if addresses else {}}))


def lock(operation: str) -> Path:
    """Take its lock, or end with the error of Terraform naming the holder."""
    path = Path(f"{state_path()}.tflock")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        fail("Error acquiring the state lock", path.read_text())
    who = f"{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}"
    created = time.strftime("%Y-%m-%dT%H:%M:%S.000000000Z", time.gmtime())
    os.write(file, json.dumps({"ID": "lock-1", "Who": who, "Operation": operation, "Created": created}).encode())
    os.close(file)
    return path


def fail(summary: str, detail: str = "", address: str = "") -> None:
    """Say an error and end."""
    body = {"severity": "error", "summary": summary, "detail": detail, "address": address}
    say(**{"@level": "error", "type": "diagnostic", "diagnostic": body})
    sys.exit(1)


def thing(line: str) -> None:
    """Note that something was made or destroyed."""
    with (WORLD / "things").open("a") as file:
        file.write(line + "\n")


def plan(arguments: list[str]) -> int:
    """Save what would be done."""
    held = lock("OperationTypePlan") if "-lock=false" not in arguments else None
    state, wanted = read_state(), described()
    if behaviour("plan") == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    destroy = "-destroy" in arguments
    touched = state if destroy else [address for address in wanted if address not in state]
    action = "delete" if destroy else "create"
    for address in touched:
        say(type="planned_change", change={"resource": {"addr": address}, "action": action})
    counts = {"add": 0 if destroy else len(touched), "change": 0, "remove": len(touched) if destroy else 0}
    say(type="change_summary", changes=counts)
    changes = [
        {"address": address, "mode": "managed", "change": {"actions": [action], "after": wanted.get(address)}}
        for address in touched
    ]
    out = next(one.removeprefix("-out=") for one in arguments if one.startswith("-out="))
    (HERE / out).write_text(json.dumps({"resource_changes": changes}))
    if held:
        held.unlink()
    return 2 if touched else 0


def apply() -> int:
    """Do it, saving the state at the end as Terraform does within its 20 seconds."""
    held = lock("OperationTypeApply")
    state = read_state()
    changes = json.loads((HERE / "plan.tfplan").read_text())["resource_changes"]
    stopped: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: stopped.append(number))
    how = behaviour("apply")
    for change in changes:
        address, action = change["address"], change["change"]["actions"][0]
        type = address.split(".")[0]
        resource = {"addr": address, "resource_type": type}
        if how == "fail":
            held.unlink()
            fail("creating it: AccessDenied", "not allowed", address)
        say(type="apply_start", hook={"resource": resource, "action": action})
        time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
        while how == "drop" and not stopped:
            time.sleep(0.01)
        thing(f"{action} {address}")
        if how == "drop":
            break
        state = [*state, address] if action == "create" else [one for one in state if one != address]
        id = f"id-of-{address}"
        say(type="apply_complete", hook={"resource": resource, "action": action, "id_value": id})
        if how == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        while how == "hang" and not stopped:
            time.sleep(0.01)
        if stopped:
            break
    write_state(state)
    held.unlink()
    thing(f"saved {STACK} after {len(stopped)} interrupts")
    if stopped:
        fail("execution halted", "interrupted")
    return 0


def main(arguments: list[str]) -> int:
    """Play the command."""
    with (WORLD / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps({"stack": STACK, "argv": arguments, "environment": sorted(os.environ)}) + "\n")
    match arguments:
        case ["version", *_]:
            print(json.dumps({"terraform_version": os.environ.get("FAKE_VERSION", "1.11.4")}))
            return 0
        case ["plan", *rest]:
            return plan(rest)
        case ["apply", *_]:
            return apply()
        case ["import", *_, address, _id]:
            held = lock("OperationTypeImport")
            write_state([*read_state(), address])
            thing(f"import {address}")
            held.unlink()
            return 0
        case ["force-unlock", "-force", _]:
            Path(f"{state_path()}.tflock").unlink()
            return 0
        case ["show", "-json", *plans]:
            print((HERE / plans[0]).read_text() if plans else "{}")
            return 0
        case _:
            return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
