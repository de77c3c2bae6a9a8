"""The tree of errors, what each says about the call, and that pickle and copy lose nothing."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from kolay_invoice import (
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    KolayInvoiceError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    RefusedError,
    UnexpectedReplyError,
    errors,
)

TREE = {
    KolayInvoiceError: (Exception,),
    ConfigurationError: (KolayInvoiceError,),
    NotSentError: (KolayInvoiceError,),
    OutcomeUnknownError: (KolayInvoiceError,),
    RefusedError: (KolayInvoiceError,),
    AuthenticationError: (RefusedError,),
    NotFoundError: (RefusedError,),
    InvalidRequestError: (RefusedError,),
    RateLimitedError: (RefusedError,),
    UnexpectedReplyError: (KolayInvoiceError,),
}
each_error = pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)


@pytest.mark.parametrize(("kind", "parents"), TREE.items())
def test_each_error_has_its_place_in_the_tree(kind, parents):
    assert kind.__bases__ == parents


def test_the_tree_is_whole_and_drawn_in_the_docstring():
    there = {value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)}

    assert there == set(TREE)
    assert sorted(kind.__name__ for kind in TREE) == errors.__all__
    assert all(kind.__name__ in errors.__doc__ for kind in TREE)


@each_error
def test_only_an_unknown_outcome_may_have_happened(kind):
    assert kind("x").may_have_happened is (kind is OutcomeUnknownError)


@each_error
def test_an_error_keeps_what_it_was_told(kind):
    error = kind("text", provider="kolaybi", operation="resend", status=404, code=10404, detail="Yok.")

    assert str(error) == "text"
    assert (error.provider, error.operation, error.status, error.code, error.detail) == (
        "kolaybi",
        "resend",
        404,
        10404,
        "Yok.",
    )


@each_error
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_keeps_everything(kind, protocol):
    error = kind("text", provider="propars", operation="send_invoice", status=429, code="E", detail="d")
    error.add_note("a note")

    again = pickle.loads(pickle.dumps(error, protocol))

    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
    assert again.__notes__ == ["a note"]


@each_error
def test_copying_keeps_everything(kind):
    error = kind("text", status=400)

    assert [(str(again), vars(again)) for again in (copy.copy(error), copy.deepcopy(error))] == [
        (str(error), vars(error))
    ] * 2


def test_retry_after_survives_a_pickle():
    error = RateLimitedError("slow down", retry_after=7.5)

    assert pickle.loads(pickle.dumps(error)).retry_after == 7.5
    assert RateLimitedError("slow down").retry_after is None
