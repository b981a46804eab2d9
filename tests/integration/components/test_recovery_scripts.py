"""The scripts around copies, run as they ship against a stand-in of Azure and a database client that notes.

Paths of the machine are exchanged for a folder of the test's; nothing else is changed.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import subprocess
from datetime import UTC, datetime

import pytest

from azure_stand_in import ASSERTION, azure
from seawall.components.recovery.machine import script
from seawall.operate.copies.manifest import Manifest

pytestmark = [pytest.mark.needs("curl"), pytest.mark.needs("jq"), pytest.mark.needs("openssl")]
STATEMENTS = "CREATE TABLE `owners` (`id` int);\nINSERT INTO `owners` VALUES (1);\n"
DUMP = f"CREATE DATABASE `petclinic`;\nUSE `petclinic`;\n{STATEMENTS}"
_FOLDERS = (
    "/scripts",
    "/secrets",
    "/work",
    "/var/run/azure",
    "/opt/standby",
    "/etc/standby",
    "/var/lib/standby",
    "/tmp",
)


class Machine:
    """A folder that stands for a machine's file system, with the scripts in it and programs that only take notes."""

    def __init__(self, root, cloud):
        self.root, self.cloud = root, cloud
        for folder in (*_FOLDERS, "/bin"):
            (root / folder[1:]).mkdir(parents=True, exist_ok=True)
        for name in ("credentials", "identity", "images"):
            self.write(f"/scripts/{name}.sh", script(f"{name}.sh"))
        for name in ("lib", "restore", "promote", "demote", "proof"):
            self.write(f"/opt/standby/{name}.sh", script(f"{name}.sh"))
        self.write("/opt/standby/start.sh", f"#!/bin/bash\necho started >>{root}/started\n")
        self.write("/bin/systemctl", "#!/bin/bash\n")
        self.write("/var/run/azure/token", ASSERTION)
        self.write("/secrets/azure.json", '{"tenant":"tenant","subscription":"subscription","client":"writer"}\n')
        self.write("/secrets/registry", "password-of-ecr")
        # Notes every statement, and answers a question for schemas with those that were made.
        self.write(
            "/bin/mysql",
            f"""#!/bin/bash
settings=${{1#--defaults-extra-file=}}; cp "$settings" {root}/client.cnf; shift
if [ "$1" = -N ]; then sed -n 's/^CREATE DATABASE `\\(.*\\)`$/\\1/p' {root}/sql | sort; exit; fi
if [ "$1" = -e ]; then printf '%s\\n' "$2" >>{root}/sql; exit; fi
cat >>"{root}/into-${{1:-server}}"
if [ -e {root}/broken ]; then exit 1; fi
""",
        )
        self.write(
            "/etc/standby/settings",
            f"PLATFORM=petclinic-production\nCONTAINER_URL={cloud.url}/db-backups\nCOMPONENT=petclinic-db\nDATABASE=petclinic\nDATABASE_HOST=db.example\n"
            f"DATABASE_USER=standby\nVAULT_URL={cloud.url}\nSECRET=administrator\nREGISTRY=images.example\n"
            "GROUP=group\nPROOF_ZONE=acme.shop.example\nNAMES=www-origin.shop.example\n"
            "OLDEST_SECONDS=93600\n",
        )

    def write(self, path, text):
        """A file, its paths those of the test's folder."""
        # A path begins after a space, a quote or the like; those of the test's own folder stay as they are.
        paths = rf"{self.root}|(?<![\w.])({'|'.join(_FOLDERS)})(?=[/\s\"'}}]|$)"
        text = re.sub(paths, lambda match: f"{self.root}{match[1] or ''}", text)
        file = self.root / path[1:]
        file.write_text(text)
        file.chmod(0o755)

    def copy(self, began=None, platform="petclinic-production", content=DUMP):
        """A copy as the agent leaves it in Azure; its name."""
        packed = gzip.compress(content.encode())
        moment = began or datetime.now(UTC).replace(microsecond=0)
        manifest = Manifest(
            platform=platform, component="petclinic-db", engine="mysql", server="8.4.7", databases=("petclinic",),
            began=moment, ended=moment, rows={"petclinic.owners": 1}, schema="0" * 64, plain_size=len(content),
            plain_sha256=hashlib.sha256(content.encode()).hexdigest(), size=len(packed),
            sha256=hashlib.sha256(packed).hexdigest(), tools={"mysqldump": "8.4.7"}, encryption={},
        )  # fmt: skip
        self.cloud.blobs[f"/db-backups/{manifest.dump}"] = packed
        self.cloud.blobs[f"/db-backups/{manifest.name}/manifest.json"] = manifest.as_bytes()
        return manifest.name

    def run(self, path, *arguments, **environment):
        """Run a script; what it said and how it ended."""
        given = {
            "PATH": f"{self.root}/bin:{os.environ['PATH']}",
            "AZURE_LOGIN": self.cloud.url,
            "AZURE_MANAGEMENT": self.cloud.url,
            "MANAGEMENT": self.cloud.url,
            "METADATA": self.cloud.url,
            "CONTAINER_URL": f"{self.cloud.url}/db-backups",
            "PROOF_SECONDS": "0",
            "NO_PROXY": "127.0.0.1",
            **environment,
        }
        command = ["bash", str(self.root / path[1:]), *arguments]
        return subprocess.run(command, env=given, capture_output=True, text=True, timeout=60, check=False)

    def text(self, name):
        """A note; empty where there is none."""
        file = self.root / name
        return file.read_text() if file.exists() else ""


@pytest.fixture
def machine(tmp_path):
    """A machine and its Azure."""
    with azure() as cloud:
        yield Machine(tmp_path, cloud)


def test_nobody_else_gets_in(machine):
    """A token that the cluster did not sign is refused, and nothing is fetched."""
    machine.write("/var/run/azure/token", "signed.by.somebody")
    ended = machine.run("/scripts/images.sh", IMAGES="a b\n", REGISTRY="/registries/r")
    assert ended.returncode != 0
    assert machine.cloud.imports == []


def test_azure_is_asked_to_fetch_the_images(machine):
    """Source, target and the password of ECR reach the registry's API, and no argument holds the password."""
    images = "1.dkr.ecr.ap-northeast-2.amazonaws.com/petclinic-production/petclinic-was:v55 petclinic-was:v55\n"
    path = "/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r"
    ended = machine.run("/scripts/images.sh", IMAGES=images, REGISTRY=path)
    assert ended.returncode == 0, ended.stderr
    (asked,) = machine.cloud.imports
    assert asked["path"] == f"/subscriptions/subscription{path}/importImage"
    assert asked["targetTags"] == ["petclinic-was:v55"]
    assert asked["source"] == {
        "registryUri": "1.dkr.ecr.ap-northeast-2.amazonaws.com",
        "sourceImage": "petclinic-production/petclinic-was:v55",
        "credentials": {"username": "AWS", "password": "password-of-ecr"},
    }


def test_the_newest_copy_is_restored_once(machine):
    """Into a database of its own, before the application is started anew; the same copy is not restored twice."""
    machine.copy()
    first = machine.run("/opt/standby/restore.sh")
    assert first.returncode == 0, first.stderr
    (restored,) = [file for file in machine.root.iterdir() if file.name.startswith("into-petclinic_")]
    assert restored.read_text() == STATEMENTS
    assert machine.text("started") == "started\n"
    assert f"DATABASE_NAME={restored.name.removeprefix('into-')}\n" in machine.text("var/lib/standby/database")
    assert "GRANT ALL ON `petclinic" in machine.text("into-server")
    assert "ssl-mode=VERIFY_IDENTITY" in machine.text("client.cnf")
    assert machine.text("client.cnf").endswith("[mysql]\nbinary-mode\n"), "a dump must not run commands of the client"
    again = machine.run("/opt/standby/restore.sh")
    assert "restored already" in again.stdout
    assert machine.text("started") == "started\n"


def test_a_copy_that_is_still_to_come_keeps_none_from_being_restored(machine):
    """Whoever may add copies cannot end the standby's following with one that is newer than all to come."""
    wanted = machine.copy()
    machine.copy(began=datetime(9999, 12, 31, tzinfo=UTC))
    ended = machine.run("/opt/standby/restore.sh")
    assert ended.returncode == 0, ended.stderr
    assert machine.text("var/lib/standby/restored") == wanted


def test_the_standby_is_ready_while_its_copy_is_young_enough(machine):
    """A restore makes it ready; a copy of yesterday's yesterday, and a restore that fails, take that back."""
    machine.copy()
    assert machine.run("/opt/standby/restore.sh").returncode == 0
    ready = machine.root / "var/lib/standby/ready"
    assert ready.exists()
    assert machine.run("/opt/standby/restore.sh").returncode == 0
    assert ready.exists()
    old = (machine.root / "etc/standby/settings").read_text().replace("=93600", "=-1")
    machine.write("/etc/standby/settings", old)
    late = machine.run("/opt/standby/restore.sh")
    assert late.returncode != 0
    assert "older than" in late.stderr
    assert not ready.exists()


def test_a_copy_that_was_changed_is_not_restored(machine):
    """A checksum that differs ends it before the database is touched."""
    name = machine.copy()
    machine.cloud.blobs[f"/db-backups/{name}/dump.sql.gz"] = gzip.compress(b"DROP TABLE owners;\n")
    ended = machine.run("/opt/standby/restore.sh")
    assert ended.returncode != 0
    assert "checksum differs" in ended.stderr
    assert machine.text("sql") == ""


def test_a_copy_without_its_manifest_is_passed_over(machine):
    """It may be half there; the last whole one is taken."""
    machine.copy()
    machine.cloud.blobs["/db-backups/petclinic-db/99990101T000000Z/dump.sql.gz"] = b"half"
    ended = machine.run("/opt/standby/restore.sh")
    assert ended.returncode == 0, ended.stderr
    assert "9999" not in machine.text("var/lib/standby/restored")


def test_a_copy_of_something_else_is_not_restored(machine):
    """Another platform's, or an old one under a new name, is whole and still the wrong one."""
    machine.copy(platform="petclinic-development")
    ended = machine.run("/opt/standby/restore.sh")
    assert ended.returncode != 0
    assert "petclinic-development" in ended.stderr
    machine.cloud.blobs.clear()
    old = machine.copy(began=datetime(2026, 1, 1, tzinfo=UTC))
    moved = {name.replace(old, "petclinic-db/20260102T000000Z"): blob for name, blob in machine.cloud.blobs.items()}
    machine.cloud.blobs = moved
    assert "taken at 20260101T000000Z" in machine.run("/opt/standby/restore.sh").stderr
    assert machine.text("sql") == ""


def test_a_restore_that_fails_leaves_what_was_served(machine):
    """The new database goes again, and the application goes on with the old one."""
    machine.copy()
    machine.write("/broken", "")
    assert machine.run("/opt/standby/restore.sh").returncode != 0
    assert "DROP DATABASE `petclinic_" in machine.text("sql")
    assert machine.text("started") == ""
    assert machine.text("var/lib/standby/restored") == ""


def test_once_promoted_nothing_is_restored_over_it(machine):
    """What visitors write on the standby is newer than any copy; and there is nothing to promote before a restore."""
    assert machine.run("/opt/standby/promote.sh").returncode != 0
    machine.copy()
    assert machine.run("/opt/standby/restore.sh").returncode == 0
    assert machine.run("/opt/standby/promote.sh").returncode == 0
    machine.cloud.blobs = {name.replace("/20", "/30"): content for name, content in machine.cloud.blobs.items()}
    ended = machine.run("/opt/standby/restore.sh")
    assert ended.returncode == 0
    assert "newer than any copy" in ended.stdout
    assert machine.text("started") == "started\n"
    assert machine.run("/opt/standby/demote.sh").returncode == 0
    assert not (machine.root / "var/lib/standby/promoted").exists()


def test_a_proof_is_put_where_it_is_looked_for(machine):
    """The record that shows that a name is ours is written into the machine's own zone, and taken away afterwards."""
    asked = {"CERTBOT_DOMAIN": "www-origin.shop.example", "CERTBOT_VALIDATION": "proof"}
    ended = machine.run("/opt/standby/proof.sh", "put", **asked)
    assert ended.returncode == 0, ended.stderr
    path = "/subscriptions/subscription/resourceGroups/group/providers/Microsoft.Network/dnsZones/acme.shop.example"
    assert machine.cloud.proofs == {f"{path}/TXT/www-origin": "proof"}
    assert machine.run("/opt/standby/proof.sh", "delete", **asked).returncode == 0
    assert machine.cloud.proofs == {}
