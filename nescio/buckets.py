"""Makes a MinIO server's buckets, rules, policies and users, as one declared folder says.

``python -m nescio.buckets DECLARED USERS`` is what the bootstrap Job runs. ``DECLARED`` holds
``buckets.yaml`` and one JSON file a policy; ``USERS`` holds a folder a user with the files
``accesskey`` and ``secretkey``, as a mounted secret does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml
from minio import Minio
from minio.commonconfig import ENABLED, Filter
from minio.credentials.providers import EnvAWSProvider
from minio.error import MinioAdminException, S3Error
from minio.lifecycleconfig import Expiration, LifecycleConfig, NoncurrentVersionExpiration, Rule
from minio.minioadmin import MinioAdmin
from minio.versioningconfig import VersioningConfig
from urllib3.exceptions import HTTPError

from nescio.errors import ConfigurationError, NescioError
from nescio.s3 import client_from_environment, endpoint_from_environment, pool


def bootstrap(declared: Path, users: Path) -> list[str]:
    """Make the server what the folder declares; what is right already stays as it is.

    Args:
        declared: folder with ``buckets.yaml`` and ``<policy>.json`` files.
        users: folder with ``<user>/accesskey`` and ``<user>/secretkey``.

    Returns:
        One line for each thing that was made sure of; none holds a password.

    Raises:
        ConfigurationError: the declaration or a user's secret is incomplete.
        NescioError: the server refuses or does not answer.
    """
    plan = yaml.safe_load((declared / "buckets.yaml").read_text())
    credentials = {user: _credentials(users / user) for user in plan["users"]}
    wanted = {name for names in plan["users"].values() for name in names}
    missing = sorted(name for name in wanted if not (declared / f"{name}.json").is_file())
    if missing:
        raise ConfigurationError(f"buckets.yaml names policies without a file: {missing}.")
    try:
        client = client_from_environment()
        said = [_bucket(client, name, rules) for name, rules in plan["buckets"].items()]
        admin = _administrator()
        for name in sorted(wanted):
            admin.policy_add(name, policy_file=declared / f"{name}.json")
            said.append(f"policy {name}")
        for user, names in plan["users"].items():
            access, secret = credentials[user]
            admin.user_add(access, secret)
            # Set, not attached: a right that the declaration no longer names is taken away.
            admin.policy_set(",".join(names), user=access)
            said.append(f"user {user}: {', '.join(names)}")
    except (S3Error, MinioAdminException, HTTPError) as error:
        raise NescioError(
            f"the object store could not be set up ({type(error).__name__}).",
            "Check that it runs, and that the credentials are its administrator's.",
        ) from None
    return said


def _credentials(folder: Path) -> tuple[str, str]:
    try:
        access = (folder / "accesskey").read_text().strip()
        secret = (folder / "secretkey").read_text().strip()
    except OSError:
        access = secret = ""
    if not access or not secret:
        raise ConfigurationError(
            f"user {folder.name} has no accesskey or no secretkey.", "Mount its secret."
        )
    return access, secret


def _administrator() -> MinioAdmin:
    endpoint, secure = endpoint_from_environment()
    return MinioAdmin(
        endpoint=endpoint, credentials=EnvAWSProvider(), secure=secure, http_client=pool()
    )


def _bucket(client: Minio, name: str, rules: dict[str, Any]) -> str:
    """Make a bucket with its versioning and its lifecycle rule; say so in one line."""
    if not client.bucket_exists(bucket_name=name):
        client.make_bucket(bucket_name=name)
    if rules.get("versioning"):
        client.set_bucket_versioning(bucket_name=name, config=VersioningConfig(ENABLED))
    current, old = rules.get("expire_days"), rules.get("expire_old_versions_days")
    rule = Rule(
        status=ENABLED,
        rule_id="nescio-retention",
        rule_filter=Filter(prefix=""),
        expiration=Expiration(days=current) if current else None,
        noncurrent_version_expiration=(
            NoncurrentVersionExpiration(noncurrent_days=old) if old else None
        ),
    )
    client.set_bucket_lifecycle(bucket_name=name, config=LifecycleConfig([rule]))
    return f"bucket {name}: {', '.join(f'{key} {value}' for key, value in rules.items())}"


def main(arguments: list[str]) -> int:
    """Run from the command line; return the exit code."""
    try:
        declared, users = map(Path, arguments)
        for line in bootstrap(declared, users):
            print(line, flush=True)
    except NescioError as error:
        print(f"nescio: {error}", file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
