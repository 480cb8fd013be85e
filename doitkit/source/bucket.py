"""Buckets of object stores, and the clients that open them, set up from the environment."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from doitkit.core.errors import SourceError

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_CONNECT_S = 5
_RETRIES = timedelta(seconds=10)
"""How long Google's client tries again; left to itself, it does for a quarter of an hour."""
_STORES = {"s3": "S3", "gs": "Google Cloud Storage", "az": "Azure"}


@dataclass(frozen=True)
class Bucket:
    """A bucket of S3 or Google Cloud Storage, or a container of Azure.

    Attributes
    ----------
    scheme
        `s3`, `gs` or `az`.
    host
        Of Azure: the host of the account, where the address names it.
    """

    scheme: str
    name: str
    host: str | None = None

    @property
    def kind(self) -> str:
        """What the store itself calls it."""
        return "container" if self.scheme == "az" else "bucket"

    @property
    def store(self) -> str:
        """The store by its name, and its account and address where it has one of its own."""
        options = self.options
        account = options.get("account_name", "")
        at = options.get("endpoint_override") or options.get("blob_storage_authority", "")
        at = account + at if at.startswith(".") else "/".join(filter(None, (at, account)))
        return _STORES[self.scheme] + (f" at {at}" if at else "")

    @property
    def options(self) -> dict[str, Any]:
        """What the environment says about the store, as its client in `pyarrow.fs` takes it."""
        if self.scheme == "s3":
            return s3_options(os.environ)
        return gcs_options(os.environ) if self.scheme == "gs" else self._azure_options()

    def path(self, key: str) -> str:
        """Return the path of a key, or of the bucket itself, as `pyarrow.fs` takes it."""
        return self.name if key in ("", ".") else f"{self.name}/{key}"

    def _azure_options(self) -> dict[str, Any]:
        return azure_options(os.environ, self.host)


def opened(bucket: Bucket) -> "FileSystem":
    """Return a client for the store of `bucket`; it finds credentials where its store's tools do.

    Raises
    ------
    SourceError
        If the account is not known.
    """
    from pyarrow import fs

    options = bucket.options
    if bucket.scheme == "gs":
        return fs.GcsFileSystem(**options)
    if bucket.scheme == "az":
        return fs.AzureFileSystem(**options)
    regions = ("AWS_REGION", "AWS_DEFAULT_REGION")
    if "endpoint_override" not in options and not any(map(os.environ.get, regions)):
        # What is wrong here is wrong for the requests that follow, which are explained.
        with suppress(OSError):
            options["region"] = fs.resolve_s3_region(bucket.name)
    return fs.S3FileSystem(**options)


def s3_options(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of `S3FileSystem` but for credentials, which it finds by itself."""
    options: dict[str, Any] = {"connect_timeout": _CONNECT_S}
    endpoint = given.get("AWS_ENDPOINT_URL_S3") or given.get("AWS_ENDPOINT_URL")
    if endpoint:
        options["endpoint_override"] = endpoint.rstrip("/")
    if given.get("AWS_SKIP_SIGNATURE", "").lower() == "true":
        options["anonymous"] = True
    return options


def gcs_options(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of `GcsFileSystem` but for credentials, which it finds by itself."""
    options: dict[str, Any] = {"retry_time_limit": _RETRIES}
    emulator = given.get("STORAGE_EMULATOR_HOST")
    if emulator:
        scheme, host = _split(emulator, "http")
        options |= {"endpoint_override": host, "scheme": scheme}
    if emulator or given.get("GOOGLE_SKIP_SIGNATURE", "").lower() == "true":
        options["anonymous"] = True
    return options


def azure_options(given: Mapping[str, str], host: str | None) -> dict[str, Any]:
    """Return the options of `AzureFileSystem`; without a key or a token, it finds credentials.

    Parameters
    ----------
    host
        The host of the account, `ACCOUNT.dfs.core.windows.net`, where the address names it.

    Raises
    ------
    SourceError
        If neither the address nor the environment names the account.
    """
    account = given.get("AZURE_STORAGE_ACCOUNT_NAME") or given.get("AZURE_STORAGE_ACCOUNT")
    options: dict[str, Any] = {}
    if host is not None:
        account, _, domain = host.partition(".")
        # An account has one host for each of its two services.
        domain = domain.removeprefix("dfs.").removeprefix("blob.") or "core.windows.net"
        options |= {f"{kind}_storage_authority": f".{kind}.{domain}" for kind in ("blob", "dfs")}
    elif endpoint := given.get("AZURE_STORAGE_ENDPOINT"):
        scheme, authority = _split(endpoint, "https")
        options |= {f"{kind}_storage_scheme": scheme for kind in ("blob", "dfs")}
        options |= {f"{kind}_storage_authority": authority for kind in ("blob", "dfs")}
    if not account:
        raise SourceError(
            "the storage account of a container is not known",
            next_step="set AZURE_STORAGE_ACCOUNT_NAME, or write "
            "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/KEY",
        )
    key = given.get("AZURE_STORAGE_ACCOUNT_KEY") or given.get("AZURE_STORAGE_KEY")
    token = given.get("AZURE_STORAGE_SAS_TOKEN")
    if key:
        options["account_key"] = key
    elif token:
        options["sas_token"] = "?" + token.removeprefix("?")
    return {"account_name": account, **options}


def _split(endpoint: str, scheme: str) -> tuple[str, str]:
    """Return the scheme and the host with its port; `scheme` where `endpoint` has none."""
    parts = urlsplit(endpoint if "://" in endpoint else f"{scheme}://{endpoint}")
    return parts.scheme, parts.netloc
