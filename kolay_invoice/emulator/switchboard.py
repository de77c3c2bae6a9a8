"""Takes every request to its provider's rules, and remembers what came."""

from __future__ import annotations

from asyncio import sleep
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count
from threading import Lock

import attrs
from aiohttp import web

from kolay_invoice.emulator import credentials, example_data
from kolay_invoice.emulator.delivery import REFUSALS, reply_in, response_to, whole
from kolay_invoice.emulator.faults import Fault, FaultPlan, Reach
from kolay_invoice.emulator.guesses import Guesses
from kolay_invoice.emulator.kolaybi import KolayBiAccount
from kolay_invoice.emulator.kolaybi_api import KolayBiApi
from kolay_invoice.emulator.lag import Clock
from kolay_invoice.emulator.propars import NOT_FOUND, Invoice, ProparsAccount, Sale
from kolay_invoice.emulator.propars_api import ProparsApi
from kolay_invoice.emulator.rendering import invoice_ubl, signature_id
from kolay_invoice.emulator.routes import ROUTES, Provider, provider_of_path
from kolay_invoice.emulator.signing import KeyType, sign
from kolay_invoice.emulator.values import now_in_turkey
from kolay_invoice.emulator.wire import Answer, Call, Exchange, ReceivedRequest, Refused

# A long-running emulator forgets the oldest requests instead of filling the memory.
_REMEMBERED_REQUESTS = 20_000

# As many as a person looks back over. Their replies are kept as well.
_REMEMBERED_EXCHANGES = 40


@attrs.frozen(kw_only=True)
class Switches:
    """How the emulated providers behave where they, or an account's settings, could do one thing or another."""

    guesses: Guesses
    automatic_dating: bool
    page_size: int | None = attrs.field(validator=attrs.validators.optional(attrs.validators.ge(1)))
    signing: KeyType = attrs.field(validator=attrs.validators.in_(("rsa", "ec")))
    latency: float = attrs.field(validator=attrs.validators.ge(0))
    seed: int


class Switchboard:
    """Both providers behind one door.

    State is changed by the serving thread and looked at by the caller's, so each touches it only under the lock.
    """

    def __init__(self, switches: Switches, clock: Clock) -> None:
        self.switches = switches
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
        """Begin anew with the example data: no requests, no faults, the first tokens."""
        switches = self.switches
        kolaybi = KolayBiAccount(
            guesses=switches.guesses,
            clock=self.clock,
            tokens=credentials.Tokens.starting_with(credentials.KOLAYBI_ACCESS_TOKEN),
        )
        propars = ProparsAccount(
            guesses=switches.guesses,
            clock=self.clock,
            automatic_dating=switches.automatic_dating,
            tokens=credentials.Tokens.starting_with(credentials.PROPARS_TOKEN),
            sign=self._sign,
        )
        example_data.fill_kolaybi(kolaybi)
        example_data.fill_propars(propars)
        with self.lock:
            self.kolaybi = kolaybi
            self.propars = propars
            self.plan = FaultPlan.seeded(switches.seed)
            self.requests = deque(maxlen=_REMEMBERED_REQUESTS)
            self.exchanges = deque(maxlen=_REMEMBERED_EXCHANGES)
            self._numbers = count(1)

    def turn(self, positions: Mapping[str, object]) -> None:
        """Put the switches of some guesses into positions, all or none, from now on and after a reset.

        Raises:
            ValueError: There is no such guess, or it has no such position.
        """
        with self.lock:
            guesses = self.switches.guesses.turned(positions)
            self.switches = attrs.evolve(self.switches, guesses=guesses)
            self.kolaybi.guesses = self.propars.guesses = guesses

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            refuse = REFUSALS[provider_of_path(request.path)]
            return whole(refuse(Refused(413, "İstek gövdesi çok büyük.")))
        received = ReceivedRequest(
            operation=None,
            method=request.method,
            path_qs=request.raw_path,
            headers=request.headers,
            body=body,
        )
        call = _call(received)
        exchange, fault = self._take_note(call, received)
        await sleep(self.switches.latency)
        response = whole(_answer_nowhere(received)) if call is None else await self._response(call, fault)
        with self.lock:
            exchange.ended = True
            exchange.reply = reply_in(response)
        return response

    async def _response(self, call: Call, fault: Fault | None) -> web.StreamResponse:
        if fault and fault.kind.reach is Reach.LATE_EXECUTION:
            await sleep(fault.seconds)
        answer = self._carry_out(call, fault) if fault is None or fault.executes else None
        if fault and fault.kind.reach is Reach.SLOW_ANSWER:
            await sleep(fault.seconds)
        return response_to(call, fault, answer)

    def _take_note(self, call: Call | None, received: ReceivedRequest) -> tuple[Exchange, Fault | None]:
        request = call.request if call else received
        with self.lock:
            fault = self.plan.take(call.route.operation) if call else None
            kind = fault.kind.name if fault else None
            exchange = Exchange(number=next(self._numbers), at=now_in_turkey(), request=request, fault=kind)
            self.requests.append(request)
            self.exchanges.append(exchange)
        return exchange, fault

    def _carry_out(self, call: Call, fault: Fault | None) -> Answer:
        if fault and fault.kind.reach is Reach.STRAY_ANSWER:
            call = attrs.evolve(call, stray=True)
        with self.lock:
            if call.route.provider is Provider.KOLAYBI:
                return KolayBiApi(self.kolaybi, self.switches.page_size).answer(call)
            return ProparsApi(self.propars).answer(call)

    def _sign(self, sale: Sale, invoice: Invoice) -> bytes:
        return sign(invoice_ubl(sale, invoice), signature_id(invoice), self.switches.signing)


def _call(received: ReceivedRequest) -> Call | None:
    for route in ROUTES:
        texts = route.match(received.path)
        if texts is not None and route.method == received.method:
            request = attrs.evolve(received, operation=route.operation)
            return Call(route=route, request=request, path_texts=texts)
    return None


def _answer_nowhere(received: ReceivedRequest) -> Answer:
    refuse = REFUSALS[provider_of_path(received.path)]
    allowed = sorted({route.method for route in ROUTES if route.match(received.path) is not None})
    if not allowed:
        return refuse(Refused(404, NOT_FOUND))
    sentence = f'"{received.method}" metoduna izin verilmiyor.'
    return refuse(Refused(405, sentence, headers={"Allow": ", ".join(allowed)}))
