"""The child process that answers as AWS does: moto with our patches, on a loopback port."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from seawall.deploy.emulator.process import birth_mark

MOTO_VERSION = "5.2.5"
"""The only moto our patches are written against and tested with."""

SETTINGS = {
    # Attachments of AWS-managed policies answer NoSuchEntity otherwise; read once, when moto.iam is imported.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # No page in the user's browser has any business with the emulator.
    "MOTO_DISABLE_GLOBAL_CORS": "true",
    # A certificate whose validation records exist is issued at once; 60 s by default.
    "MOTO_ACM_VALIDATION_WAIT": "1",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM; the state file appears when requests are accepted and goes when they no longer
    are."""
    options = _options(arguments)
    # Blocked before any thread starts, so that every thread inherits it and only sigwait receives the signal.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    os.environ.update(SETTINGS)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)

    import moto

    if moto.__version__ != MOTO_VERSION:
        raise SystemExit(
            f"the emulator needs moto {MOTO_VERSION}, found {moto.__version__}: reinstall seawall[emulator]"
        )
    if not options.plain:
        from seawall.deploy.emulator import patches

        patches.apply_all()

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    from seawall.deploy.emulator.answers import Answers

    application = Answers(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", options.port, application, threaded=True, request_handler=MotoRequestHandler)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    port = server.port
    os.environ["MOTO_PORT"] = str(port)  # moto calls itself for a few things, for instance Lambda event sources
    _write_state(options.state_file, port)
    try:
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    finally:
        options.state_file.unlink(missing_ok=True)
        server.shutdown()
        serving.join()
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m seawall.deploy.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state-file", type=Path, required=True, help="written when requests are accepted")
    parser.add_argument("--plain", action="store_true", help="without our patches, to see what each of them is for")
    return parser.parse_args(arguments)


def _write_state(path: Path, port: int) -> None:
    from seawall import __version__

    state = {
        "pid": os.getpid(),
        "birth": birth_mark(os.getpid()),
        "port": port,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "moto": MOTO_VERSION,
    }
    half_written = path.with_suffix(f".{os.getpid()}.part")
    half_written.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
    half_written.replace(path)
