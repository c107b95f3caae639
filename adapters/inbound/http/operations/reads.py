"""The operations that read the books."""

from typing import Final

from adapters.inbound.http.api_handlers import ApiOperation
from adapters.inbound.http.operation import Answer, AnyOf, Tag
from adapters.inbound.http.parameters import (
    ACCEPT,
    ACCEPTED_BEFORE,
    ACCEPTED_FROM,
    ACCOUNT_STATUS,
    ANY_CURRENCY,
    AT,
    CURRENCY,
    CURRENCY_OR_ALL,
    CURSOR,
    DISPOSITION,
    FORMAT,
    FROM,
    HOLD_ID,
    HOLD_STATUS,
    KEY_IN_QUERY,
    LIMIT,
    OF_USER,
    OLDEST_FIRST,
    ORDER,
    POSITION,
    REFERENCE,
    REQUEST_ID,
    TO,
    TRANSACTION_ID,
    TRANSACTION_STATUS,
    TYPE,
    USER_ID,
)
from adapters.inbound.http.problem_codes import ProblemCode as Code
from adapters.inbound.http.schemas.answers import (
    AccountsPage,
    AllBalances,
    AllPastBalances,
    Balance,
    HoldsPage,
    PastBalance,
    PendingHold,
    Statement,
    TransactionsPage,
)
from adapters.inbound.http.schemas.integrity import Integrity
from adapters.schemas.accounts import Account
from adapters.schemas.holds import Hold
from adapters.schemas.transactions import Transaction
from adapters.statements.registry import MEDIA_TYPES

_INVALID: Final = (Code.INVALID_FIELD,)
_AT_POSITION: Final = (Code.NOT_YET_POSTED, Code.LEDGER_UNAVAILABLE)
_HEADERS: Final = (REQUEST_ID,)

READS: Final[tuple[ApiOperation, ...]] = (
    ApiOperation(
        method="GET",
        path="/transactions/{transaction_id}",
        handler=lambda handlers: handlers.transactions.transaction,
        operation_id="getTransaction",
        tag=Tag.TRANSACTIONS,
        summary="What became of a command",
        description="An accepted id is never 404, an unknown one is.",
        path_parameters=(TRANSACTION_ID,),
        query=(POSITION,),
        headers=_HEADERS,
        answers=(Answer(200, "Posted, rejected or pending.", Transaction),),
        problems={
            404: (Code.TRANSACTION_NOT_FOUND,),
            422: _INVALID,
            503: (*_AT_POSITION, Code.LOG_UNAVAILABLE),
        },
    ),
    ApiOperation(
        method="GET",
        path="/transactions",
        handler=lambda handlers: handlers.transactions.transactions,
        operation_id="listTransactions",
        tag=Tag.TRANSACTIONS,
        summary="Transactions in the order of posting, or what became of a key",
        description="Follow `next_cursor` until it is null, even past a page that is short or "
        "empty. In ascending order nothing is missed and nothing repeated, also of what is posted "
        "late; `newer_cursor`, at the end, leads to what will be posted.",
        query=(
            *(KEY_IN_QUERY, OF_USER, REFERENCE, TYPE, TRANSACTION_STATUS, ACCEPTED_FROM),
            *(ACCEPTED_BEFORE, OLDEST_FIRST, LIMIT, CURSOR, POSITION),
        ),
        headers=_HEADERS,
        answers=(Answer(200, "One page of them.", TransactionsPage),),
        problems={422: _INVALID, 503: _AT_POSITION},
    ),
    ApiOperation(
        method="GET",
        path="/balance/{user_id}",
        handler=lambda handlers: handlers.balances.balance,
        operation_id="getBalance",
        tag=Tag.ACCOUNTS,
        summary="How much money there is",
        path_parameters=(USER_ID,),
        description="With `at`, in constant time however long the history: `complete` promises "
        "that nothing of that time can be posted any more.",
        query=(CURRENCY_OR_ALL, AT, POSITION),
        headers=_HEADERS,
        answers=(
            Answer(
                200,
                "Balance, held and available, or what the balance was; of one currency or all.",
                AnyOf((Balance, AllBalances, PastBalance, AllPastBalances)),
            ),
        ),
        problems={404: (Code.ACCOUNT_NOT_FOUND,), 422: _INVALID, 503: _AT_POSITION},
    ),
    ApiOperation(
        method="GET",
        path="/statement/{user_id}",
        handler=lambda handlers: handlers.statements.statement,
        operation_id="getStatement",
        tag=Tag.ACCOUNTS,
        summary="How the money came and went",
        description="Pages neither repeat nor miss an entry while money moves, and the closing "
        "balance stays the first page's.",
        path_parameters=(USER_ID,),
        query=(CURRENCY, FROM, TO, TYPE, ORDER, LIMIT, CURSOR, POSITION, FORMAT),
        headers=(REQUEST_ID, ACCEPT),
        answers=(
            Answer(200, "One page of it, or a file.", Statement, headers=(DISPOSITION,)),
            *(Answer(200, "", str, media_type) for media_type in MEDIA_TYPES.values()),
        ),
        problems={
            404: (Code.ACCOUNT_NOT_FOUND,),
            422: _INVALID,
            503: (*_AT_POSITION, Code.TOO_MANY_EXPORTS),
        },
    ),
    ApiOperation(
        method="GET",
        path="/accounts/{user_id}",
        handler=lambda handlers: handlers.accounts.account,
        operation_id="getAccount",
        tag=Tag.ACCOUNTS,
        summary="An account, with what it may do",
        path_parameters=(USER_ID,),
        query=(CURRENCY, POSITION),
        headers=_HEADERS,
        answers=(Answer(200, "The account.", Account),),
        problems={404: (Code.ACCOUNT_NOT_FOUND,), 422: _INVALID, 503: _AT_POSITION},
    ),
    ApiOperation(
        method="GET",
        path="/accounts",
        handler=lambda handlers: handlers.accounts.accounts,
        operation_id="listAccounts",
        tag=Tag.ACCOUNTS,
        summary="All accounts",
        query=(ACCOUNT_STATUS, ANY_CURRENCY, LIMIT, CURSOR),
        headers=_HEADERS,
        answers=(Answer(200, "One page of them.", AccountsPage),),
        problems={422: _INVALID, 503: (Code.LEDGER_UNAVAILABLE,)},
    ),
    ApiOperation(
        method="GET",
        path="/hold/{hold_id}",
        handler=lambda handlers: handlers.holds.hold,
        operation_id="getHold",
        tag=Tag.HOLDS,
        summary="What is set aside, captured, left",
        description="A hold that was rejected is 404; its transaction says why.",
        path_parameters=(HOLD_ID,),
        query=(POSITION,),
        headers=_HEADERS,
        answers=(Answer(200, "The hold, or that it is pending.", AnyOf((Hold, PendingHold))),),
        problems={
            404: (Code.HOLD_NOT_FOUND,),
            422: _INVALID,
            503: (*_AT_POSITION, Code.LOG_UNAVAILABLE),
        },
    ),
    ApiOperation(
        method="GET",
        path="/holds/{user_id}",
        handler=lambda handlers: handlers.holds.holds,
        operation_id="listHolds",
        tag=Tag.HOLDS,
        summary="The holds of a user",
        path_parameters=(USER_ID,),
        query=(HOLD_STATUS, LIMIT, CURSOR, POSITION),
        headers=_HEADERS,
        answers=(Answer(200, "One page of them.", HoldsPage),),
        problems={422: _INVALID, 503: _AT_POSITION},
    ),
    ApiOperation(
        method="GET",
        path="/integrity",
        handler=lambda handlers: handlers.integrity.integrity,
        operation_id="getIntegrity",
        tag=Tag.HEALTH,
        summary="Whether the books add up",
        description="What the processors found that check them in the background, in turns.",
        headers=_HEADERS,
        answers=(Answer(200, "How each partition stands, and what is off.", Integrity),),
        problems={503: (Code.LEDGER_UNAVAILABLE,)},
    ),
)
