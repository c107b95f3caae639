"""A page of thousands of records keeps nobody else waiting until it is done."""

import asyncio

from adapters.outbound.kafka.fairness import TURN, in_turns


async def test_others_have_their_turn_while_a_long_list_is_worked_on() -> None:
    order: list[str] = []

    def work(number: int) -> int:
        order.append("work")
        return -number

    async def other() -> None:
        order.append("other")

    waiting = asyncio.create_task(other())
    assert await in_turns(work, range(3 * TURN)) == [-number for number in range(3 * TURN)]
    await waiting
    assert order.index("other") == TURN


async def test_a_short_list_is_done_in_one_turn() -> None:
    waiting = asyncio.create_task(asyncio.sleep(0))
    assert await in_turns(str, range(TURN)) == [str(number) for number in range(TURN)]
    assert not waiting.done()
    await waiting
