"""Start the clinic from its environment; ends with 0 when it is asked to (SIGTERM) and has answered whoever it had."""

from __future__ import annotations

import os
import signal
import sys

from seawall.operate.drill.application.clinic import Clinic
from seawall.operate.drill.application.http import Server
from seawall.operate.drill.application.pool import Pool
from seawall.operate.drill.application.sessions import sessions
from seawall.operate.drill.application.settings import Settings
from seawall.operate.drill.application.site import Site


def main() -> int:
    """Serve until told to end."""
    settings = Settings.of(os.environ)
    pool = Pool(settings.database, settings.connections, settings.wait_for_connection)
    site = Site(settings, Clinic(pool, settings.database.engine), sessions(settings))
    server = Server(settings.host, settings.port, site.answer, drain=settings.drain)

    def end(*_: object) -> None:
        site.refuse()
        server.end()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print(f"{settings.name} listens on {settings.host}:{settings.port}", flush=True)
    left = server.serve()
    pool.close()
    print(f"{settings.name} ended, {left} requests unanswered", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
