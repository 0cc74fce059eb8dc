"""What holds for a group: the nearest choice above it, however the groups lie."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.publishing.planning.choosing import Choice, Chooser, GroupChoice, GroupTree
from app.publishing.planning.settings import Settings
from app.publishing.settings.group_tree import DEEPEST, Found, as_tree

GROUPS = [f"g{n}" for n in range(6)]
MANY = 10_000

choices = st.builds(
    GroupChoice,
    category_id=st.none() | st.integers(1, 3),
    markup_percent=st.none() | st.just(Decimal(5)),
    album=st.none() | st.booleans(),
)


def walked(settings: Settings, groups: GroupTree, group_id: str) -> Choice:
    """The same by walking up from the group."""
    found: dict[str, object] = {}
    visited: set[str] = set()
    at: str | None = group_id
    while at is not None and at not in visited:
        visited.add(at)
        own = groups.choices.get(("s", at), GroupChoice())
        found = {name: value for name, value in own._asdict().items() if value is not None} | found
        at = groups.parents.get(("s", at))
    return Chooser(settings, GroupTree()).choice("s", None)._replace(**found)  # type: ignore[arg-type]


@given(
    st.dictionaries(st.sampled_from(GROUPS), choices),
    st.dictionaries(st.sampled_from(GROUPS), st.none() | st.sampled_from([*GROUPS, "elsewhere"])),
    st.permutations(GROUPS),
)
def test_it_is_the_nearest_also_in_loops_and_whichever_is_asked_for_first(
    chosen: dict[str, GroupChoice], parents: dict[str, str | None], order: list[str]
) -> None:
    groups = GroupTree(
        {("s", key): value for key, value in chosen.items()},
        {("s", key): value for key, value in parents.items()},
    )
    settings = Settings(default_category_id=9)
    chooser = Chooser(settings, groups)
    for group_id in order:
        expected = walked(settings, groups, group_id)
        assert chooser.choice("s", group_id) == expected
        told = {name: decided.value for name, decided in chooser.decided("s", group_id).items()}
        assert told == expected._asdict()


def test_ten_thousand_groups_one_within_another_are_each_looked_at_once() -> None:
    class Counting(dict[tuple[str, str], str | None]):
        asked = 0

        def get(self, key, default=None):
            self.asked += 1
            return super().get(key, default)

    parents = Counting({("s", f"g{n}"): f"g{n - 1}" if n else None for n in range(MANY)})
    chooser = Chooser(Settings(), GroupTree({("s", "g0"): GroupChoice(category_id=7)}, parents))
    assert {chooser.choice("s", f"g{n}").category_id for n in reversed(range(MANY))} == {7}
    assert {chooser.decided("s", f"g{n}")["category_id"].by for n in reversed(range(MANY))} == {("s", "g0")}
    assert parents.asked <= 4 * MANY


def test_a_tree_of_ten_thousand_groups_keeps_a_bounded_way_for_each() -> None:
    chain = [Found(n, "s", f"g{n}", f"Группа {n}", f"g{n - 1}" if n else None) for n in range(MANY)]
    nodes = as_tree(chain)
    assert [node.group_id for node in nodes] == [found.group_id for found in chain]
    assert max(len(node.above) for node in nodes) == DEEPEST
    assert all(node.above[-1] == nodes[n].key for n, node in enumerate(nodes[1:]))
