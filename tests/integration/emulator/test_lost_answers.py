"""An answer that is lost on its way to the client, seen from an SDK that asks again by itself."""

from __future__ import annotations

import socket
import threading

import pytest

pytestmark = pytest.mark.needs("emulator")


class _Losing:
    """Passes requests on to a port, and hangs up on the first answer that holds a word."""

    def __init__(self, port, word):
        self.lost = 0
        self._to, self._word = port, word
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client):
        with client, socket.create_connection(("127.0.0.1", self._to)) as server:
            threading.Thread(target=self._send, args=(client, server), daemon=True).start()
            answer = b"".join(iter(lambda: server.recv(65536), b""))
            if self._word in answer and not self.lost:
                self.lost += 1
            else:
                client.sendall(answer)
            # To close it would wait for the thread that reads from it.
            client.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _send(client, server):
        try:
            while part := client.recv(65536):
                server.sendall(part)
        except OSError:
            return  # the other side has answered and hung up

    def close(self):
        self._listening.close()


def test_what_was_made_is_not_made_twice(emulator):
    """A group whose first answer was lost is there once, and whoever asked for it gets its id."""
    import boto3

    losing = _Losing(emulator.port, b"CreateSecurityGroupResponse")
    try:
        ec2 = boto3.client(
            "ec2",
            endpoint_url=f"http://127.0.0.1:{losing.port}",
            region_name="us-east-1",
            aws_access_key_id="nobody",
            aws_secret_access_key="nothing",
        )
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made = ec2.create_security_group(GroupName="once", Description="made once", VpcId=vpc)["GroupId"]
        found = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["once"]}])["SecurityGroups"]
    finally:
        losing.close()
    assert losing.lost == 1
    assert [group["GroupId"] for group in found] == [made]
