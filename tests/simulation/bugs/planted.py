"""The list of planted bugs: each safeguard, what it is missing in, and who must notice."""

from typing import Final

from tests.simulation.bugs import ledger, others, streams, webhooks
from tests.simulation.bugs.bug import Bug, Doubles
from tests.simulation.promises.promise import Promise

BUGS: Final = (
    Bug("no fence", Promise.CHAIN, Doubles(ledger=ledger.NoFence)),
    Bug("no epoch", Promise.OWNER, Doubles(ledger=ledger.NoEpoch)),
    Bug("no dedupe", Promise.ONCE, Doubles(ledger=ledger.NoDedupe)),
    Bug("blind retry after an ambiguous commit", Promise.REPLAY, Doubles(ledger=ledger.BlindRetry)),
    Bug(
        "ambiguous commit taken for granted",
        Promise.COMMITTED,
        Doubles(ledger=ledger.CommitTakenForGranted),
    ),
    Bug(
        "skip on listener failure",
        Promise.CONDEMNED,
        Doubles(feed=others.SkipsOnListenerFailure),
    ),
    Bug("offset by one", Promise.CHAIN, Doubles(ledger=ledger.OffsetByOne)),
    Bug("stalled sessions left alone", Promise.DRAINS, Doubles(database=ledger.PatientDatabase)),
    Bug("unsorted locks", Promise.ORDERED, Doubles(ledger=ledger.UnsortedLocks)),
    Bug("accounts not locked", Promise.BALANCED, Doubles(ledger=ledger.NoLocks)),
    Bug("position in another transaction", Promise.CHAIN, Doubles(ledger=ledger.PositionApart)),
    Bug("entries from a replica that lags", Promise.TOGETHER, Doubles(reader=others.LaggingReader)),
    Bug(
        "reject on a serialization failure",
        Promise.REPLAY,
        Doubles(ledger=ledger.RejectsOnSerializationFailure),
    ),
    Bug("published before the commit", Promise.COMMITTED, Doubles(ledger=ledger.PublishesFirst)),
    Bug("wall clock in the decision", Promise.REPLAY, Doubles(rules=others.by_the_wall_clock)),
    Bug("limits not kept", Promise.LIMITS, Doubles(rules=others.without_limits)),
    Bug("fingerprint ignored", Promise.CONFLICT, Doubles(api=others.without_fingerprints)),
    Bug(
        "trouble of the database condemns records",
        Promise.DECIDED,
        Doubles(ledger=ledger.CondemnsOnTrouble),
    ),
    Bug("unknown called certain", Promise.HONEST, Doubles(command_log=others.CallsUnknownCertain)),
    Bug(
        "receipt before the log confirms",
        Promise.HONEST,
        Doubles(command_log=others.ConfirmsBeforeWriting),
    ),
    Bug("positions not waited for", Promise.OWN_WRITES, Doubles(watch=others.impatient)),
    Bug("outcomes out of order", Promise.PUBLISHED, Doubles(events=others.TellsBackwards)),
    Bug(
        "publishing taken for granted",
        Promise.PUBLISHED,
        Doubles(events=others.TakesPublishingForGranted),
    ),
    Bug(
        "a new owner tells nothing of the earlier one's",
        Promise.PUBLISHED,
        Doubles(ledger=ledger.ForgetsTheUntold),
    ),
    Bug("listener failure swallowed", Promise.DRAINS, Doubles(feed=others.SwallowsListenerFailure)),
    Bug(
        "foreign error let through",
        Promise.SURPRISES,
        Doubles(ledger=ledger.LetsForeignErrorsThrough),
    ),
    Bug(
        "an entry left out of what is told",
        Promise.UNBROKEN,
        Doubles(events=streams.LeavesOutAnEntry),
    ),
    Bug(
        "a stream that joins the tail with a gap",
        Promise.STREAMED,
        Doubles(live_events=streams.JoinsWithAGap),
    ),
    Bug(
        "an id that forgets the other partitions",
        Promise.STREAMED,
        Doubles(live_events=streams.ForgetsOtherPartitions),
    ),
    Bug(
        "a stream that drops what nobody waited for",
        Promise.STREAMED,
        Doubles(live_events=streams.DropsOnCancellation),
    ),
    Bug(
        "cursors moved before what was read is kept",
        Promise.DELIVERED,
        Doubles(webhook_intake=webhooks.CursorsApart),
    ),
    Bug(
        "an intake without a fence",
        Promise.DELIVERED,
        Doubles(webhook_intake=webhooks.TakesInWithoutFence),
    ),
    Bug(
        "an endpoint misses what is told while it is disabled",
        Promise.DELIVERED,
        Doubles(webhook_intake=webhooks.PassesOverTheDisabled),
    ),
    Bug(
        "an endpoint is told of types that it does not want",
        Promise.DELIVERED,
        Doubles(webhook_intake=webhooks.TellsEverybodyEverything),
    ),
    Bug(
        "a feed that is read from its end",
        Promise.DELIVERED,
        Doubles(event_feed=webhooks.FollowsFromTheEnd),
    ),
    Bug(
        "silence taken for an answer",
        Promise.DELIVERED,
        Doubles(webhook_sender=webhooks.TakesSilenceForTaken),
    ),
    Bug(
        "told again under another id",
        Promise.DELIVERED,
        Doubles(webhook_sender=webhooks.NewIdForEachCall),
    ),
    Bug(
        "a claim that never runs out",
        Promise.DRAINS,
        Doubles(webhook_queue=webhooks.ClaimsForEver),
    ),
    Bug(
        "a circuit that never closes",
        Promise.DRAINS,
        Doubles(webhook_queue=webhooks.NeverClosesTheCircuit),
    ),
)
