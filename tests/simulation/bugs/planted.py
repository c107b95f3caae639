"""The list of planted bugs: each safeguard, what it is missing in, and who must notice."""

from typing import Final

from tests.simulation.bugs import ledger, others, restoring, streams, webhooks
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
        # What was not told is not published either: that safeguard is missing, too.
        Doubles(ledger=ledger.CommitTakenForGranted, work=restoring.publishes_the_forgotten),
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
    Bug(
        "outcomes told before their pages",
        Promise.TOLD_FIRST,
        Doubles(pages=restoring.TellsPagesLater),
    ),
    Bug(
        "pages told without those that they depend on",
        Promise.TOLD_FIRST,
        Doubles(pages=restoring.TellsOwnPagesAlone),
    ),
    Bug(
        "outcomes published that the books have forgotten",
        Promise.TOLD_FIRST,
        Doubles(work=restoring.publishes_the_forgotten),
    ),
    Bug(
        "telling of pages taken for granted",
        Promise.REPLAYED,
        Doubles(pages=restoring.TakesTellingForGranted),
    ),
    Bug(
        "pages told without what was condemned",
        Promise.REPLAYED,
        Doubles(pages=restoring.LeavesOutTheCondemned),
    ),
    Bug(
        "marked as told ahead of the books",
        Promise.RESTORED,
        Doubles(ledger=restoring.MarksAheadOfTheBooks),
    ),
    Bug(
        "an idle worker never looks at its books",
        Promise.RESTORED,
        Doubles(work=restoring.never_looks),
    ),
    Bug(
        "lost pages decided anew, in other pages",
        Promise.RESTORED,
        Doubles(work=restoring.decides_anew),
    ),
    Bug(
        "lost pages restored in the order of partitions",
        Promise.RESTORED,
        Doubles(work=restoring.by_partitions),
    ),
    Bug(
        "lost pages restored by other rules, and not compared",
        Promise.RESTORED,
        Doubles(ledger=restoring.RepostsByOtherRules, work=restoring.without_comparing),
    ),
    Bug(
        "page numbers given again",
        Promise.RESTORED,
        Doubles(ledger=restoring.GivesNumbersAgain),
    ),
    Bug("a head over the page", Promise.CHAINED, Doubles(ledger=restoring.HeadOverThePage)),
)
