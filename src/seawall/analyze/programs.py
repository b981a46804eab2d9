"""What the programs of a script do beyond the machine that runs them, as far as their names tell."""

from __future__ import annotations

from typing import Final

LOCAL: Final = frozenset({
    "apk", "apt", "apt-get", "cat", "cd", "chmod", "chown", "cp", "cut", "date", "dnf", "du", "echo", "else", "exit",
    "export", "fi", "find", "grep", "gunzip", "gzip", "head", "jq", "ls", "mariadb-dump", "mkdir", "mongodump", "mv",
    "mysql", "mysqldump", "mysqlpump", "pg_dump", "pg_dumpall", "printf", "psql", "rm", "sed", "set", "sha256sum",
    "sleep", "sort", "tail", "tar", "tee", "test", "touch", "tr", "true", "umask", "unset", "wc", "xz", "yum", "zip",
    "zstd",
})  # fmt: skip
"""Programs that work on files, packages and databases: they log in for no other program, and tell nobody anything."""

DUMPS: Final = frozenset({"mysqldump", "mariadb-dump", "mysqlpump", "pg_dump", "pg_dumpall", "mongodump"})
"""Programs that write down what a database holds."""
