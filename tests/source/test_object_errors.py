"""What the clients of Google's and Azure's stores were seen to say, as errors with a next step."""

import errno
from pathlib import Path

import pytest

from doitkit.core.errors import SourceError
from doitkit.source.bucket import Bucket
from doitkit.source.object_errors import explained

_GOOGLE = "google::cloud::Status(UNAVAILABLE: Retry policy exhausted, with a last message of {}"
_REST = " error_info={reason=, domain=, metadata={gcloud-cpp.retry.on-entry=false}})"
_TOKEN = (
    "Could not create a OAuth2 access token to authenticate the request. "
    "The underlying error message was: Cannot open credentials file /nothing.json"
)
_AZURE = "Check for Hierarchical Namespace support on 'https://acct.blob.core.windows.net/b' failed"


def _explained(scheme: str, error: Exception) -> SourceError:
    with pytest.raises(SourceError) as caught, explained("s", "ADDRESS", Bucket(scheme, "b")):
        raise error
    assert caught.value.where == "ADDRESS"
    assert caught.value.next_step
    return caught.value


@pytest.mark.parametrize(
    ("scheme", "said", "what", "why"),
    [
        (
            "gs",
            _GOOGLE.format("PerformWork() - CURL error [7]=Could not connect to server") + _REST,
            "the store cannot be reached",
            "PerformWork() - CURL error [7]=Could not connect to server",
        ),
        (
            "gs",
            _GOOGLE.format(_TOKEN) + _REST,
            "the store does not know who asks",
            "Cannot open credentials file /nothing.json",
        ),
        (
            "az",
            f"{_AZURE}. Azure Error: [] Fail to get a new connection for: https://acct",
            "the store cannot be reached",
            "Fail to get a new connection for: https://acct",
        ),
        (
            "az",
            f"{_AZURE}. Azure Error: [AuthorizationFailure] 403 Server failed.\nServer failed.",
            "the store refuses access",
            "[AuthorizationFailure] 403 Server failed.",
        ),
        (
            "az",
            f"{_AZURE}: N5Azure4Core11Credentials23AuthenticationExceptionE: Failed to get token",
            "the store does not know who asks",
            "Failed to get token",
        ),
        (
            "s3",
            "When listing objects: AWS Error UNKNOWN (HTTP status 301) during ListObjectsV2",
            "the bucket lies in another region",
            "UNKNOWN (HTTP status 301) during ListObjectsV2",
        ),
        ("s3", "AWS Error SLOW_DOWN during GetObject", "the store is out of order", "SLOW_DOWN"),
    ],
)
def test_what_clients_say_is_explained(
    scheme: str, said: str, what: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "acct")
    error = _explained(scheme, OSError(said))
    assert error.what == f"`s`: {what}"
    assert why in (error.why or "")
    assert "error_info" not in (error.why or "")


def test_a_full_disk_is_no_fault_of_the_store() -> None:
    error = _explained("s3", OSError(errno.ENOSPC, "No space left on device"))
    assert error.what == "`s`: an object cannot be stored in the cache"
    assert error.why == "No space left on device"


def test_an_object_that_went_is_named_so() -> None:
    assert (
        _explained("s3", FileNotFoundError(errno.ENOENT, "gone")).what == "`s`: an object is gone"
    )


def test_an_error_that_says_where_stays_as_it_is() -> None:
    known = SourceError("known", where=Path("here"))
    with pytest.raises(SourceError) as caught, explained("s", "ADDRESS", Bucket("s3", "b")):
        raise known
    assert caught.value is known
