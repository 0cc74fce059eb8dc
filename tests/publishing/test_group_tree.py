"""Any groups, with parents that are not there and loops too, make a tree that holds each once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.publishing.settings.group_tree import Found, as_tree

IDS = st.sampled_from("abcdef")
GROUPS = st.dictionaries(
    st.tuples(st.sampled_from("st"), IDS), st.none() | IDS | st.just("away"), max_size=12
)


@settings(deadline=None)
@given(GROUPS)
def test_each_group_stands_once_below_its_parent(parents: dict[tuple[str, str], str | None]) -> None:
    ordered = sorted(parents.items())
    found = [Found(place, *key, key[1], parent) for place, (key, parent) in enumerate(ordered)]
    nodes = as_tree(found)
    assert sorted(node.key for node in nodes) == sorted(parents)
    assert [node.store_id for node in nodes] == sorted(node.store_id for node in nodes)
    place = {node.key: number for number, node in enumerate(nodes)}
    for node in nodes:
        assert len(set(node.above)) == len(node.above)
        if node.above:
            assert node.above[-1] == (node.store_id, parents[node.key])
            assert nodes[place[node.above[-1]]].above == node.above[:-1]
            between = nodes[place[node.above[-1]] + 1 : place[node.key]]
            assert all(node.above[-1] in other.above for other in between)
