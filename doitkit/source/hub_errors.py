"""What goes wrong on the way to the Hub, as errors with a next step."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from doitkit.core.errors import SourceError

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError


@contextmanager
def explained(name: str, address: str) -> Iterator[None]:
    """Turn whatever the Hub's client raises into a `SourceError` about the source `name`.

    The layers under the client have errors of their own that share no base with the client's.
    """
    try:
        yield
    except Exception as error:
        what, why, next_step = _account(_cause(error))
        raise SourceError(
            f"`{name}`: {what}", where=address, why=why, next_step=next_step
        ) from error


def _cause(error: BaseException) -> BaseException:
    """Return why the client did not find something in its cache either."""
    from huggingface_hub.errors import LocalEntryNotFoundError, RevisionResolutionError

    missing = isinstance(error, LocalEntryNotFoundError | RevisionResolutionError)
    return _cause(error.__cause__) if missing and error.__cause__ is not None else error


def _account(error: BaseException) -> tuple[str, str | None, str]:
    """Return what happened, why, and the next step."""
    from huggingface_hub import errors, get_token, is_offline_mode

    if is_offline_mode():
        return (
            "HF_HUB_OFFLINE is set, and the cache does not hold what is asked for",
            None,
            "run once without HF_HUB_OFFLINE, or set HF_HOME to the cache that holds it",
        )
    if isinstance(error, errors.HfHubHTTPError):
        return _refusal(error, entered=get_token() is not None)
    if isinstance(error, OSError) and error.strerror:
        what = "a file cannot be stored in the cache of the Hub"
        return what, error.strerror, "see to that, or set HF_HOME to another folder"
    text = (str(error).splitlines() or [""])[0]
    why = f"{type(error).__name__}: {text}".rstrip(": ")
    return "the Hub cannot be reached", why, "check the network, and HF_ENDPOINT if it is set"


def _refusal(error: "HfHubHTTPError", *, entered: bool) -> tuple[str, str | None, str]:
    """Return the account of an answer of the Hub; `entered` is whether a token was given."""
    from huggingface_hub.errors import (
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    status = error.response.status_code
    why = "the given token does not open it" if entered else "no token is given"
    if isinstance(error, GatedRepoError):
        what = "the data set is open only to those who accepted its terms"
        next_step = (
            "accept them on its page on the Hub, and set HF_TOKEN to a token of that account"
        )
    # To those without a token, the Hub does not tell what is missing from what is private.
    elif isinstance(error, RepositoryNotFoundError) or (status == 401 and not entered):
        what = "no such data set, or a private one"
        next_step = (
            "correct the address; if it is private, set HF_TOKEN to a token that may read it"
        )
    elif isinstance(error, RevisionNotFoundError):
        return (
            "the data set has no such revision",
            None,
            "correct what stands after the @, or leave it out for the main branch",
        )
    else:
        why = f"it answered with the status {status}"
        what, next_step = {
            401: ("the Hub refuses access", "set HF_TOKEN to a valid token, or unset it"),
            403: ("the Hub refuses access", "set HF_TOKEN to a token that may read the data set"),
            429: ("the Hub has had too many requests", "wait; with HF_TOKEN set it allows more"),
        }.get(status, ("the Hub is out of order", "try again later"))
    return what, why, next_step
