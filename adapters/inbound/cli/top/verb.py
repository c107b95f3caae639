"""`counterfoil top`: one frame after the other, until Ctrl-C."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiohttp import ClientSession
from rich.console import Console
from rich.live import Live

from adapters.inbound.cli.output import Output
from adapters.inbound.cli.top.document import document_of
from adapters.inbound.cli.top.figures import Figures, figures_of
from adapters.inbound.cli.top.frame import frame
from adapters.inbound.cli.top.looking import look
from adapters.inbound.cli.top.process import Address, Watch
from adapters.representations import time_text
from core.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class TopVerb:
    """Looks at these processes every `seconds`."""

    addresses: Sequence[Address]
    seconds: float
    clock: Clock
    output: Output
    _watch: Watch = field(default_factory=Watch, init=False, repr=False)

    async def show(self, *, once: bool) -> None:
        """Print figures: live on a terminal, or else, or with `once` or as JSON, those of one
        interval.
        """
        console = Console()
        async with ClientSession() as session:
            if once or self.output.as_json or not console.is_terminal:
                await self._show_once(session, console)
            else:
                await self._show_live(session, console)

    async def _show_once(self, session: ClientSession, console: Console) -> None:
        await self._figures(session)
        await asyncio.sleep(self.seconds)
        figures = await self._figures(session)
        if self.output.as_json:
            self.output.json(document_of(figures))
        else:
            console.print(frame(figures, self._title()))

    async def _show_live(self, session: ClientSession, console: Console) -> None:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                next_look = asyncio.create_task(asyncio.sleep(self.seconds))
                figures = await self._figures(session)
                live.update(frame(figures, self._title(), console.height), refresh=True)
                await next_look

    async def _figures(self, session: ClientSession) -> Figures:
        looks = await asyncio.gather(*(look(session, one) for one in self.addresses))
        return figures_of(self._watch.saw(looks))

    def _title(self) -> str:
        now = time_text(self.clock.now()).partition(".")[0].replace("T", " ")
        return f"counterfoil top  {now} UTC  every {self.seconds:g} s  Ctrl-C ends it"
