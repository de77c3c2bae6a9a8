"""Routes each request to its provider's rules and records requests and replies."""

from __future__ import annotations

from asyncio import sleep
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count
from threading import Lock

import attrs
from aiohttp import web

from kolay_invoice.emulator import credentials, example_data
from kolay_invoice.emulator.faults import Fault, FaultEffect, FaultPlan
from kolay_invoice.emulator.guesses import Guesses
from kolay_invoice.emulator.kolaybi import KolayBiAccount
from kolay_invoice.emulator.kolaybi_api import KolayBiApi
from kolay_invoice.emulator.lag import Clock
from kolay_invoice.emulator.messages import Call, Exchange, ProviderRefusal, ReceivedRequest, Reply
from kolay_invoice.emulator.propars import NOT_FOUND, ProparsAccount
from kolay_invoice.emulator.propars_api import ProparsApi
from kolay_invoice.emulator.propars_sales import Invoice, Sale
from kolay_invoice.emulator.rendering import invoice_ubl, signature_id
from kolay_invoice.emulator.responses import REFUSALS, full_response, reply_of, response_to
from kolay_invoice.emulator.routes import ROUTES, Provider, provider_of_path
from kolay_invoice.emulator.signing import KeyType, sign
from kolay_invoice.emulator.values import now_in_turkey

# A long-running emulator forgets the oldest requests instead of filling the memory.
_REMEMBERED_REQUESTS = 20_000

# The console shows this many; their replies are kept as well.
_REMEMBERED_EXCHANGES = 40


@attrs.frozen(kw_only=True)
class Behaviour:
    """The settings of the emulated providers and accounts."""

    guesses: Guesses
    automatic_dating: bool
    page_size: int | None = attrs.field(validator=attrs.validators.optional(attrs.validators.ge(1)))
    signing: KeyType = attrs.field(validator=attrs.validators.in_(("rsa", "ec")))
    latency: float = attrs.field(validator=attrs.validators.ge(0))
    seed: int


class EmulatorApp:
    """Both providers behind one handler.

    The serving thread changes the state and the caller's thread reads it, each only under the lock.
    """

    def __init__(self, behaviour: Behaviour, clock: Clock) -> None:
        self.behaviour = behaviour
        self.clock = clock
        self.lock = Lock()
        self.kolaybi: KolayBiAccount
        self.propars: ProparsAccount
        self.plan: FaultPlan
        self.requests: deque[ReceivedRequest]
        self.exchanges: deque[Exchange]
        self._numbers: Iterator[int]
        self.reset()

    def reset(self) -> None:
        """Restore the example data and the first tokens; forget requests and faults."""
        behaviour = self.behaviour
        kolaybi = KolayBiAccount(
            guesses=behaviour.guesses,
            clock=self.clock,
            tokens=credentials.Tokens.starting_with(credentials.KOLAYBI_ACCESS_TOKEN),
        )
        propars = ProparsAccount(
            guesses=behaviour.guesses,
            clock=self.clock,
            automatic_dating=behaviour.automatic_dating,
            tokens=credentials.Tokens.starting_with(credentials.PROPARS_TOKEN),
            sign=self._sign,
        )
        example_data.fill_kolaybi(kolaybi)
        example_data.fill_propars(propars)
        with self.lock:
            self.kolaybi = kolaybi
            self.propars = propars
            self.plan = FaultPlan.from_seed(behaviour.seed)
            self.requests = deque(maxlen=_REMEMBERED_REQUESTS)
            self.exchanges = deque(maxlen=_REMEMBERED_EXCHANGES)
            self._numbers = count(1)

    def turn(self, positions: Mapping[str, object]) -> None:
        """Set the positions of some guesses, all or none. They survive a reset.

        Raises:
            ValueError: There is no such guess, or it has no such position.
        """
        with self.lock:
            guesses = self.behaviour.guesses.replace(positions)
            self.behaviour = attrs.evolve(self.behaviour, guesses=guesses)
            self.kolaybi.guesses = self.propars.guesses = guesses

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            refuse = REFUSALS[provider_of_path(request.path)]
            return full_response(refuse(ProviderRefusal(413, "İstek gövdesi çok büyük.")))
        received = ReceivedRequest(
            operation=None,
            method=request.method,
            path_qs=request.raw_path,
            headers=request.headers,
            body=body,
        )
        call = _match_call(received)
        exchange, fault = self._record(call, received)
        await sleep(self.behaviour.latency)
        response = full_response(_not_found(received)) if call is None else await self._response(call, fault)
        with self.lock:
            exchange.ended = True
            exchange.reply = reply_of(response)
        return response

    async def _response(self, call: Call, fault: Fault | None) -> web.StreamResponse:
        if fault and fault.kind.effect is FaultEffect.LATE_EXECUTION:
            await sleep(fault.seconds)
        answer = self._execute(call, fault) if fault is None or fault.executes else None
        if fault and fault.kind.effect is FaultEffect.SLOW_REPLY:
            await sleep(fault.seconds)
        return response_to(call, fault, answer)

    def _record(self, call: Call | None, received: ReceivedRequest) -> tuple[Exchange, Fault | None]:
        request = call.request if call else received
        with self.lock:
            fault = self.plan.take(call.route.operation) if call else None
            kind = fault.kind.name if fault else None
            exchange = Exchange(number=next(self._numbers), at=now_in_turkey(), request=request, fault=kind)
            self.requests.append(request)
            self.exchanges.append(exchange)
        return exchange, fault

    def _execute(self, call: Call, fault: Fault | None) -> Reply:
        if fault and fault.kind.effect is FaultEffect.WRONG_SUBJECT:
            call = attrs.evolve(call, wrong_subject=True)
        with self.lock:
            if call.route.provider is Provider.KOLAYBI:
                return KolayBiApi(self.kolaybi, self._sign, self.behaviour.page_size).answer(call)
            return ProparsApi(self.propars).answer(call)

    def _sign(self, sale: Sale, invoice: Invoice) -> bytes:
        return sign(invoice_ubl(sale, invoice), signature_id(invoice), self.behaviour.signing)


def _match_call(received: ReceivedRequest) -> Call | None:
    for route in ROUTES:
        texts = route.match(received.path)
        if texts is not None and route.method == received.method:
            request = attrs.evolve(received, operation=route.operation)
            return Call(route=route, request=request, path_texts=texts)
    return None


def _not_found(received: ReceivedRequest) -> Reply:
    refuse = REFUSALS[provider_of_path(received.path)]
    allowed = sorted({route.method for route in ROUTES if route.match(received.path) is not None})
    if not allowed:
        return refuse(ProviderRefusal(404, NOT_FOUND))
    sentence = f'"{received.method}" metoduna izin verilmiyor.'
    return refuse(ProviderRefusal(405, sentence, headers={"Allow": ", ".join(allowed)}))
