"""How long it took until the books went on."""

from tests.chaos.books import Commit
from tests.chaos.figures import first_commit_seconds, kinds
from tests.chaos.wreaking import Struck


def struck(over_at: float, kind: str = "kill api") -> Struck:
    return Struck(kind, kind, 1, over_at - 1, over_at)


def test_the_first_commit_is_that_of_the_partition_that_was_last_to_go_on() -> None:
    commits = [Commit(0, 9.0), Commit(1, 10.5), Commit(0, 12.0), Commit(1, 30.0)]
    assert first_commit_seconds(struck(10.0), commits) == 2.0


def test_a_kind_counts_its_faults_and_shows_the_worst_of_them() -> None:
    commits = [Commit(0, 11.0), Commit(0, 25.0)]
    [slow, quick] = kinds([struck(10.0, "pause api"), struck(8.0), struck(20.0)], commits)
    assert (slow.name, slow.times, slow.kills, slow.first_commit_seconds) == ("kill api", 2, 2, 5.0)
    assert (quick.name, quick.first_commit_seconds) == ("pause api", 1.0)
