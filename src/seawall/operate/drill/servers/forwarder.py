"""The process behind ``proxy``: it forwards connections, and is told by a socket in its folder when not to.

It is run as a file by a Python without any package, so it imports the standard library alone. It is told ``freeze
LINE``, ``thaw LINE``, ``cut LINE``, ``delay LINE SECONDS`` or ``aim LINE PORT``, and answers ``ok`` once that is so.
"""

import asyncio
import contextlib
import json
import os
import socket
import struct
import sys

PIECE = 65536


class Line:
    """One port, and where what comes in there goes."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.open = asyncio.Event()
        self.open.set()
        self.delay = 0.0
        self.refuses = False
        self.sockets: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection, both ways, until either side closes it."""
        self.sockets.add(writer)
        onward: asyncio.StreamWriter | None = None
        try:
            if self.refuses:
                raise ConnectionError
            await self.open.wait()
            back, onward = await asyncio.open_connection("127.0.0.1", self.to)
            self.sockets.add(onward)
            both = [
                asyncio.ensure_future(self.pass_on(reader, onward)),
                asyncio.ensure_future(self.pass_on(back, writer)),
            ]
            await asyncio.gather(*both)
        except OSError:
            reset(writer)
        finally:
            for each in (writer, onward):
                if each is not None:
                    self.sockets.discard(each)
                    each.close()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes, and the end of it; neither while the line is frozen."""
        try:
            while piece := await reader.read(PIECE):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self.open.wait()
                writer.write(piece)
                await writer.drain()
        except OSError:
            # What was reset on one side is reset on the other, as soon as anything passes.
            await self.open.wait()
            reset(writer)
            return
        await self.open.wait()
        with contextlib.suppress(OSError):
            writer.write_eof()

    def told(self, what: str, value: str) -> None:
        """Do what somebody asks for."""
        if what == "freeze":
            self.open.clear()
        elif what == "thaw":
            self.refuses = False
            self.open.set()
        elif what == "delay":
            self.delay = float(value)
        elif what == "aim":
            self.to = int(value)
        elif what == "cut":
            self.refuses = True
            for each in list(self.sockets):
                reset(each)
        else:
            raise ValueError(what)


def reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection so that the other side gets an error, not an end."""
    found = writer.get_extra_info("socket")
    if found is not None:
        with contextlib.suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def main() -> None:
    """Serve the lines of ``lines.json``: name -> port, and port to forward to."""
    with open(sys.argv[1], encoding="utf-8") as file:
        said = json.load(file)
    lines = {name: Line(to) for name, (_, to) in said.items()}

    async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while words := (await reader.readline()).decode().split():
            what, name, value = (*words, "")[:3]
            lines[name].told(what, value)
            writer.write(b"ok\n")
            await writer.drain()
        writer.close()

    for name, line in lines.items():
        await asyncio.start_server(line.serve, "127.0.0.1", said[name][0])
    os.umask(0o177)
    await asyncio.start_unix_server(told, sys.argv[2])
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
