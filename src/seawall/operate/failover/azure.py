"""The standby in Azure on a bad day: its machine's own scripts, carried out by Azure's run-command, and Route 53.

Nobody reaches the machine but by HTTPS. Whoever acts on it says so to Azure (``az vm run-command invoke``), which asks
who they are and keeps a record. The machine follows the copies by itself; here it is told to restore the newest at
once, and to answer. Home's database lies in a network that this program is not in, so coming back is done by hand, and
``by_hand`` says how.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeAlias

from seawall.components.edge.edge import Edge
from seawall.components.recovery import answers
from seawall.components.recovery.files import READY
from seawall.components.recovery.recovery import Recovery
from seawall.components.scope import Scope
from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.verdict import Verdict, all_of, proven, refuted, unknown
from seawall.model.platform import Platform
from seawall.operate.failover.asking import asked
from seawall.operate.failover.site import Chosen, CopyName
from seawall.operate.runbook import Step

HOME, STANDBY = "home", "azure"

Az: TypeAlias = Callable[[Sequence[str]], str]
"""Runs Azure's command line with these arguments; what it printed. Raises OutsideError where it fails."""
Ask: TypeAlias = Callable[[str, str], Verdict]
"""Asks an address from outside, and looks for a text in its answer."""

_PATIENCE = 5400.0
"""Seconds that a script on the machine may take; Azure ends it after 90 minutes."""

_KEPT = 120.0
"""Seconds for which what the machine said of itself is taken to be so; asking it takes Azure half a minute."""

# The scripts are the machine's own; this one changes nothing, and says what is so there.
_LOOK = r"""
. /opt/standby/lib.sh
token=$(identity_token https://storage.azure.com/)
echo "newest=$(azure "$token" "$CONTAINER_URL?restype=container&comp=list&prefix=$COMPONENT/" |
    { grep -o '<Name>[^<]*/manifest\.json</Name>' || true; } |
    sed 's|<Name>\(.*\)/manifest\.json</Name>|\1|' | sort | tail -n 1)"
echo "restored=$(cat "$STATE/restored" 2>/dev/null || true)"
[ ! -e "$STATE/ready" ] || echo ready=yes
[ ! -e "$STATE/promoted" ] || echo promoted=yes
runs=yes
for file in /etc/standby/containers/*.env; do
    name=$(basename "$file" .env)
    [ "$(docker inspect --format '{{.State.Running}}' "${name#[0-9]-}" 2>/dev/null || true)" = true ] || runs=
done
echo "runs=$runs"
"""
_RESTORE = "systemctl start standby-restore.service"
_START = "/opt/standby/start.sh"
_PROMOTE = "/opt/standby/promote.sh"


def command_line(arguments: Sequence[str]) -> str:
    """Run ``az`` as its user has logged in. Raises OutsideError where it is absent or refuses."""
    program = shutil.which("az")
    if program is None:
        raise OutsideError(
            "Azure's command line is not on this machine",
            fix="install azure-cli and `az login`; or act from Azure's portal, as the platform's README says",
        )
    ran = subprocess.run(
        [program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    if ran.returncode != 0:
        raise OutsideError(f"az {' '.join(arguments[:3])} failed", ran.stderr.strip()[-2000:], fix="az login")
    return ran.stdout


@dataclass(frozen=True, slots=True)
class Standby:
    """What is known of it by the description: its machine, its own name, and what its health check asks."""

    group: str
    machine: str
    own: str
    """Its own name, which leads to it whoever serves."""
    home_own: str
    """Home's own name."""
    public: str
    path: str
    expects: str


def of(platform: Platform) -> Standby:
    """The standby of a platform. Raises InputError where it has none."""
    for name, component in platform.components.items():
        if isinstance(component, Recovery) and component.standby is not None:
            scope = Scope(platform.home, name, platform.home.region)
            azure, edge = component.azure(scope), scope.the(Edge)
            host = edge.hosts(scope.at("edge"))[0]
            return Standby(
                azure.title, azure.title[:60], answers.own_name(azure, host), host.site, host.public,
                edge.health.path, edge.health.expects or "",
            )  # fmt: skip
    raise InputError(f"{platform.name} keeps no standby in Azure", fix="add `standby:` to `recovery`")


class Machine:
    """The machine, told through Azure what to do, and asked what is so there."""

    def __init__(self, standby: Standby, az: Az) -> None:
        self._standby, self._az = standby, az
        self._said: dict[str, str] = {}
        self._at = -math.inf

    def so(self, name: str) -> str:
        """What is so there: ``newest``, ``restored``, ``ready``, ``promoted`` or ``runs``; empty where it is not.

        Raises OutsideError where it does not answer.
        """
        if time.monotonic() - self._at > _KEPT:
            self.tell("")
        return self._said.get(name, "")

    def tell(self, script: str) -> None:
        """Run a script there, and look. Raises OutsideError where Azure or the script fails."""
        self._at = -math.inf
        # Azure runs it with whatever shell it likes, and calls it a success however it ends.
        rigged = f"bash -e <<'SEAWALL'\n{script}\n{_LOOK}\nSEAWALL\necho seawall-status:$?"
        said = self._az(
            [
                "vm", "run-command", "invoke", "--resource-group", self._standby.group, "--name",
                self._standby.machine, "--command-id", "RunShellScript", "--scripts", rigged, "--output", "json",
            ]
        )  # fmt: skip
        out, errors = _parts(said)
        body, _, status = out.rpartition("seawall-status:")
        if status.strip() != "0":
            ended = status.strip() or "without a word"
            raise OutsideError(f"a script on {self._standby.machine} ended {ended}", errors[-2000:])
        pairs = (line.partition("=") for line in body.splitlines())
        self._said = {name: value.strip() for name, is_pair, value in pairs if is_pair}
        self._at = time.monotonic()

    def judge(self, judged: Callable[[], Verdict]) -> Verdict:
        """A question about it; unknown where it does not answer."""
        try:
            return judged()
        except OutsideError as error:
            return unknown(f"the machine in Azure does not answer: {error}")


class AzureSite:
    """The standby, as the runbook asks it."""

    name = STANDBY

    def __init__(self, standby: Standby, machine: Machine, ask: Ask = asked) -> None:
        self._standby, self._machine, self._ask = standby, machine, ask

    def answers(self) -> Verdict:
        """Its own health check, which fails until it is promoted."""
        return self._ask(f"https://{self._standby.own}{self._standby.path}", self._standby.expects)

    def usable(self) -> Verdict:
        """Whether the machine does what it is told and may read the copies."""
        return self._machine.judge(
            lambda: (
                proven("the machine in Azure sees copies")
                if self._machine.so("newest")
                else refuted("the machine in Azure sees no copy")
            )
        )

    def newest(self) -> Chosen:
        """The newest copy that has a manifest; the machine holds the dump against it when it restores it."""
        name = self._machine.so("newest")
        if not name:
            raise OutsideError("there is no copy in Azure", fix="look at the jobs that copy, and at their container")
        return Chosen(name, _moment(name))

    def restoring(self, copy: CopyName) -> tuple[Step, ...]:
        """The machine's own restore: into a new database, with its checksum, and the application started on it."""

        def judged(wanted: str) -> Verdict:
            restored = self._machine.so("restored")
            # A copy that came after the question loses less; its name sorts behind.
            if self._machine.so("ready") and restored >= wanted:
                return proven(f"{restored} is restored")
            return refuted(f"{restored or 'nothing'} is restored, and {wanted} is wanted")

        return (
            Step(
                "copy",
                f"have {self._standby.machine} restore the newest copy, and start what serves with it",
                lambda doing: self._machine.tell(_RESTORE),
                lambda doing: self._machine.judge(lambda: judged(copy(doing))),
            ),
        )

    def copying(self) -> tuple[Step, ...]:
        """By hand."""
        _by_hand()

    def aside(self) -> Verdict:
        """Every copy has a database of its own there; the one before stays."""
        return proven("each copy has a database of its own")

    def set_aside(self) -> None:
        """Nothing to do."""

    def running(self) -> Verdict:
        """Whether every container runs."""
        return self._machine.judge(
            lambda: proven("its containers run") if self._machine.so("runs") else refuted("a container does not run")
        )

    def start(self) -> None:
        """Start them anew with the database that was restored last."""
        self._machine.tell(_START)

    def healthy(self) -> Verdict:
        """Whether it says that it could serve."""
        return self._ask(f"https://{self._standby.own}{READY}", "ready")

    def closed(self) -> Verdict:
        """By hand."""
        return unknown("coming back from Azure is done by hand")

    def close(self) -> None:
        """By hand."""
        _by_hand()

    def resting(self) -> Verdict:
        """Whether it is promoted no more."""
        return self._machine.judge(
            lambda: refuted("it is promoted") if self._machine.so("promoted") else proven("it follows the copies")
        )

    def rest(self) -> None:
        """By hand: what was written there must be carried home first."""
        _by_hand()


class Home:
    """Home in AWS, of which a failover asks only whether it answers."""

    name = HOME

    def __init__(self, standby: Standby, ask: Ask = asked) -> None:
        self._standby, self._ask = standby, ask

    def answers(self) -> Verdict:
        """Its own name, which never fails over."""
        return self._ask(f"https://{self._standby.home_own}{self._standby.path}", self._standby.expects)

    def _nobody_knows(self) -> Verdict:
        return unknown("home's networks are not reached from here")

    usable = aside = running = healthy = closed = resting = _nobody_knows

    def newest(self) -> Chosen:
        """By hand."""
        _by_hand()

    def restoring(self, copy: CopyName) -> tuple[Step, ...]:
        """By hand."""
        _by_hand()

    def copying(self) -> tuple[Step, ...]:
        """By hand."""
        _by_hand()

    def set_aside(self) -> None:
        """By hand."""
        _by_hand()

    start = close = rest = set_aside


@dataclass(frozen=True, slots=True)
class Route53:
    """The records' health check of home, and the standby's own word whether it answers.

    ``client`` is boto3's for Route 53. A check that is disabled counts as well, and turned round as ill: so nobody is
    led home while it is held, whatever home answers (Amazon Route 53 API Reference, ``UpdateHealthCheck``).
    """

    standby: Standby
    machine: Machine
    client: Any = field(repr=False)
    ask: Ask = asked

    def left(self, site: str) -> Verdict:
        """Whether home's check is held."""
        if site != HOME:
            return proven("only home is held")
        try:
            found = [_is_held(check) for check in self._checks()]
        except OutsideError as error:
            return unknown(str(error))
        if not found:
            return unknown(f"Route 53 has no health check of {self.standby.home_own}")
        return proven("home's health check is held") if all(found) else refuted("home's health check is not held")

    def leave(self, site: str) -> None:
        """Hold it."""
        if site == HOME:
            self._hold(held=True)

    def lead_to(self, site: str) -> Verdict:
        """Whether home is held and the standby promoted, or the other way round."""
        promoted = self.machine.judge(
            lambda: proven("it is promoted") if self.machine.so("promoted") else refuted("it is not promoted")
        )
        if promoted.unknown:
            return promoted
        there = promoted if site == STANDBY else proven() if promoted.refuted else refuted("it is promoted")
        left = self.left(HOME)
        if site == STANDBY:
            return all_of((there, left))
        return all_of((there, refuted("home is held") if left.proven else proven("home is not held")))

    def switch(self, site: str) -> None:
        """Promote the standby; Route 53 follows within its next checks."""
        if site != STANDBY:
            _by_hand()
        self.machine.tell(_PROMOTE)

    def serves(self, site: str) -> Verdict:
        """The public name answers, and home is held, so it is the standby that does."""
        said = self.ask(f"https://{self.standby.public}{self.standby.path}", self.standby.expects)
        return all_of((said, self.left(HOME)))

    def _checks(self) -> list[Mapping[str, Any]]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            pages = self.client.get_paginator("list_health_checks").paginate()
            known = [check for page in pages for check in page["HealthChecks"]]
        except (BotoCoreError, ClientError) as error:
            raise OutsideError("Route 53 does not answer", str(error)) from None
        wanted = self.standby.home_own
        return [check for check in known if check["HealthCheckConfig"].get("FullyQualifiedDomainName") == wanted]

    def _hold(self, *, held: bool) -> None:
        for check in self._checks():
            self.client.update_health_check(HealthCheckId=check["Id"], Disabled=held, Inverted=held)


def by_hand(platform: Platform) -> OutsideError:
    """Why this program does not bring a platform back from Azure, and what people do."""
    standby = of(platform)
    there = f"az vm run-command invoke -g {standby.group} -n {standby.machine} --command-id RunShellScript --scripts"
    return OutsideError(
        "coming back from Azure is done by hand: home's database lies in a network that nothing here is in",
        "\n".join(
            (
                "1. See that home is well, with `seawall validate`, and that visitors can do without for a while.",
                f"2. {there} 'systemctl stop standby-restore.timer; rm -f /var/lib/standby/promoted': visitors see "
                "the maintenance page, and nothing is restored over what was written there.",
                "3. Copy the database that /var/lib/standby/database names with `seawall backup`, from a machine of "
                "that network, and bring it home with `seawall restore --replace`, from a machine of home's.",
                f"4. Let Route 53 ask {standby.home_own} again: `aws route53 update-health-check --no-disabled "
                "--no-inverted --health-check-id ID`.",
                f"5. {there} 'systemctl start standby-restore.timer; /opt/standby/demote.sh'.",
            )
        ),
        fix="rehearse it: `seawall drill`",
    )


def _by_hand() -> NoReturn:
    raise OutsideError("this is done by hand", fix="`seawall failback` says how")


def _is_held(check: Mapping[str, Any]) -> bool:
    config = check["HealthCheckConfig"]
    return bool(config.get("Disabled")) and bool(config.get("Inverted"))


def _moment(copy: str) -> datetime:
    try:
        return datetime.strptime(copy.rpartition("/")[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise OutsideError(f"{copy} in Azure is not named as a copy is") from None


def _parts(said: str) -> tuple[str, str]:
    """Standard output and standard error of a script, out of what Azure answers about it."""
    try:
        message = str(json.loads(said)["value"][0]["message"])
    except (ValueError, KeyError, IndexError, TypeError):
        raise OutsideError("Azure's answer about a script cannot be read", said[:500]) from None
    _, _, rest = message.partition("[stdout]\n")
    out, _, errors = rest.partition("\n[stderr]")
    return out, errors
