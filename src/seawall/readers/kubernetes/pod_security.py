"""The Pod Security Standards: for what the API server refuses a pod where a level is enforced.

Source: kubernetes.io/docs/concepts/security/pod-security-standards. Profiles of SELinux and AppArmor and lists of
sysctls are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from seawall.facts.compute import Refused
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.objects import Fields, Manifest

_DEFAULT_CAPABILITIES: Final = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
_VOLUMES: Final = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
)
_PROFILES: Final = ("RuntimeDefault", "Localhost")


def refusals(body: Manifest, spec: Fields) -> Iterator[Refused]:
    """One fact for each reason, with the laxer of the two levels at which it already counts."""
    for level, why in (*_of_pod(spec), *_of_containers(spec)):
        yield Refused(body.address, level, why)


_Reason = tuple[Literal["baseline", "restricted"], str]


def _of_pod(spec: Fields) -> Iterator[_Reason]:
    for flag in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.flag(flag) is True:
            yield "baseline", f"{flag}: true"
    for volume in spec.blocks("volumes"):
        name = volume.string("name")
        for kind in sorted(str(key) for key in volume.body if key != "name"):
            if kind == "hostPath":
                yield "baseline", f"volume {name} is a hostPath"
            elif kind not in _VOLUMES:
                yield "restricted", f"volume {name} is a {kind}"


def _of_containers(spec: Fields) -> Iterator[_Reason]:
    windows = spec.block("os").string("name") == "windows"
    pod = spec.block("securityContext")
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for part in spec.blocks(field):
            name, own = part.string("name"), part.block("securityContext")
            yield from _baseline(name, part, own)
            yield from _users(name, own, pod)
            if not windows:
                yield from _of_linux(name, own, pod)


def _baseline(name: str, part: Fields, own: Fields) -> Iterator[_Reason]:
    if own.flag("privileged") is True:
        yield "baseline", f"container {name} is privileged"
    for port in part.blocks("ports"):
        number = port.number("hostPort")
        if isinstance(number, int) and number:
            yield "baseline", f"container {name} takes port {number} of its node"
    added = own.block("capabilities").strings("add")
    beyond = sorted(set(added) - _DEFAULT_CAPABILITIES)
    if beyond:
        yield "baseline", f"container {name} is given {', '.join(beyond)}"
    elif set(added) - {"NET_BIND_SERVICE"}:
        yield "restricted", f"container {name} is given {', '.join(sorted(added))}"
    if own.string("procMount", "Default") != "Default":
        yield "baseline", f"container {name} asks for another /proc"


def _users(name: str, own: Fields, pod: Fields) -> Iterator[_Reason]:
    as_other = next((where.flag("runAsNonRoot") for where in (own, pod) if where.mentions("runAsNonRoot")), False)
    if as_other is False:
        yield "restricted", f"container {name} may run as root (runAsNonRoot)"
    user = next((where.number("runAsUser") for where in (own, pod) if where.mentions("runAsUser")), None)
    if user == 0:
        yield "restricted", f"container {name} runs as user 0"


def _of_linux(name: str, own: Fields, pod: Fields) -> Iterator[_Reason]:
    if not own.mentions("allowPrivilegeEscalation") or own.flag("allowPrivilegeEscalation") is True:
        yield "restricted", f"container {name} may gain privileges (allowPrivilegeEscalation)"
    if "ALL" not in own.block("capabilities").strings("drop"):
        yield "restricted", f"container {name} keeps capabilities (drop: [ALL])"
    for where in (own, pod):
        if where.block("seccompProfile").mentions("type"):
            profile = where.block("seccompProfile").text("type")
            if profile == "Unconfined":
                yield "baseline", f"container {name} is unconfined by seccomp"
            elif not isinstance(profile, Unknown) and profile not in _PROFILES:
                yield "restricted", f"container {name} has seccomp profile {profile}"
            return
    yield "restricted", f"container {name} has no seccompProfile"
