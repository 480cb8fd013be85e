"""What goes wrong on the way to an object store, as errors with a next step."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from doitkit.core.errors import SourceError
from doitkit.source.bucket import Bucket

_MOST_SHOWN = 300
# The clients say what happened in words alone, and each in words of its own.
_SAID_AFTER = (
    "AWS Error ",
    "with a last message of ",
    "underlying error message was: ",
    "Azure Error: [] ",
    "Azure Error: ",
    "' failed: ",
)
_SAID_UNTIL = re.compile(r" error_info=| \(Request ID|\n")
_TYPE = re.compile(r"(?:N|St)\d+\w+: ")
_NO_BUCKET = re.compile(r"NO_SUCH_BUCKET|ContainerNotFound")
_REGION = re.compile(r"the bucket is located in|HTTP status 301")
_CREDENTIALS = re.compile(
    r"INVALID_ACCESS_KEY_ID|INVALID_CLIENT_TOKEN_ID|SIGNATURE_DOES_NOT_MATCH|SignatureDoesNotMatch"
    r"|EXPIRED_TOKEN|ExpiredToken|InvalidToken|InvalidAccessKeyId|MISSING_AUTHENTICATION_TOKEN"
    r"|OAuth2 access token|UNAUTHENTICATED|AuthenticationException|AuthenticationFailed|Base64"
)
_DENIED = re.compile(
    r"ACCESS_DENIED|AccessDenied|HTTP status 40[13]|PERMISSION_DENIED|403|Authorization\w*Failure"
    r"|AuthorizationPermissionMismatch|PublicAccessNotPermitted|NoAuthenticationInformation"
)
_NETWORK = re.compile(
    r"NETWORK_CONNECTION|REQUEST_TIMEOUT|curlCode|CURL error|UNAVAILABLE|DEADLINE_EXCEEDED"
    r"|Fail to get a new connection|Could not (?:resolve|connect)|Timeout was reached"
)
_CREDENTIALS_AT = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, to an account that may "
    "list and read the bucket",
    "gs": "log in with `gcloud auth application-default login`, or set "
    "GOOGLE_APPLICATION_CREDENTIALS to a key file; for a public bucket, set "
    "GOOGLE_SKIP_SIGNATURE=true",
    "az": "log in with `az login`, or set AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN",
}
_ENDPOINT_AT = {
    "s3": "AWS_ENDPOINT_URL if it is set",
    "gs": "STORAGE_EMULATOR_HOST if it is set",
    "az": "the name of the account, and AZURE_STORAGE_ENDPOINT if it is set",
}


class ChangedError(Exception):
    """An object was replaced while it was downloaded."""


@contextmanager
def explained(name: str, address: str, bucket: Bucket) -> Iterator[None]:
    """Turn whatever a store's client raises into a `SourceError` about the source `name`."""
    try:
        yield
    except SourceError as error:
        if error.where is not None:
            raise
        raise SourceError(
            f"`{name}`: {error.what}", where=address, why=error.why, next_step=error.next_step
        ) from error
    except Exception as error:
        what, why, next_step = _account(error, bucket)
        raise SourceError(
            f"`{name}`: {what}", where=address, why=why, next_step=next_step
        ) from error


def no_such_bucket(bucket: Bucket) -> tuple[str, str, str]:
    """Return what happened, why, and the next step, where a bucket is not there."""
    next_step = f"correct the name of the {bucket.kind}, or {_ENDPOINT_AT[bucket.scheme]}"
    return f"no such {bucket.kind}", f"{bucket.store} has no `{bucket.name}`", next_step


def _account(error: Exception, bucket: Bucket) -> tuple[str, str | None, str]:
    """Return what happened, why, and the next step."""
    if isinstance(error, ChangedError):
        why = "it was replaced while it was downloaded"
        return "an object has changed", why, "run the same command again"
    if isinstance(error, FileNotFoundError):
        why = "it was there a moment ago"
        return "an object is gone", why, "run the same command again"
    if isinstance(error, OSError) and error.errno not in (None, errno.ENOENT):
        what = "an object cannot be stored in the cache"
        return what, error.strerror, "see to that, or set DOITKIT_CACHE to another folder"
    text = str(error)
    why = f"{bucket.store}: {_said(text)}"
    if _NO_BUCKET.search(text):
        return no_such_bucket(bucket)
    if _REGION.search(text):
        what, next_step = "the bucket lies in another region", "set AWS_REGION to its region"
    elif _CREDENTIALS.search(text):
        what, next_step = "the store does not know who asks", _CREDENTIALS_AT[bucket.scheme]
    elif _DENIED.search(text):
        what = "the store refuses access"
        next_step = (
            f"{_CREDENTIALS_AT[bucket.scheme]}; or correct the address: to those who may not list "
            "them, a store says the same of objects that are not there"
        )
    elif _NETWORK.search(text):
        what = "the store cannot be reached"
        next_step = f"check the network, and {_ENDPOINT_AT[bucket.scheme]}"
    else:
        what = "the store is out of order"
        next_step = f"try again later; check {_ENDPOINT_AT[bucket.scheme]}"
    return what, why, next_step


def _said(text: str) -> str:
    """Return the part of a message that a person has use for, on one line."""
    said = _SAID_UNTIL.split(text.strip())[0]
    for before in _SAID_AFTER:
        said = said.rpartition(before)[2]
    return _TYPE.sub("", said, count=1).strip()[:_MOST_SHOWN]
