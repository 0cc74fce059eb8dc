"""The stores that the cloud lists, beside those that are known: which come, which go, and which wait."""

from collections.abc import Iterator, Sequence

from app.clients.evotor.client import Store
from app.mirror.difference import DropGuard, remove_store
from app.mirror.refresh.progress import GUARDED, PUT_OFF, StoreOutcome
from app.mirror.refresh.stores import StoreRun, note_difference
from app.mirror.staging import count_goods, settle_push


class StoreList:
    """The list of one run; `known` are the id and the name of each store in the cache."""

    def __init__(self, run: StoreRun, known: Sequence[tuple[str, str]], listed: list[Store]) -> None:
        self._run = run
        self._listed = listed
        self._known_ids = {store_id for store_id, _ in known}
        ids = {store.id for store in listed}
        self._unlisted = [(store_id, name) for store_id, name in known if store_id not in ids]
        # A list without a single store, or with few of them, is more likely a mistake than closed shops.
        self._is_doubtful = not listed or len(self._unlisted) * 100 > len(known) * run.drop_percent

    def bring_in(self, wanted: list[Store]) -> None:
        """Fetch and apply these of the list; new ones wait while goods are withheld.

        A store that comes when another one, or its goods, are gone may be the same shop by another id.
        """
        if known := [store for store in wanted if store.id in self._known_ids]:
            self._run.fetch_and_apply(known)
        if new := [store for store in wanted if store.id not in self._known_ids]:
            bring_in = self._put_off if self._withholds() else self._run.fetch_and_apply
            bring_in(new)

    def remove_missing(self) -> None:
        """Forget stores that the cloud no longer lists."""
        run = self._run
        for store_id, name, guard in self._guarded():
            outcome = StoreOutcome(store_id, name)
            run.progress.outcomes.append(outcome)
            with run.claimed() as transaction:
                difference = remove_store(transaction, run.user_id, run.running.id, store_id, guard)
                note_difference(outcome, difference)

    def settle_unlisted(self, store_id: str) -> None:
        """Forget that a store was to be refreshed when the cloud does not list it."""
        if all(store.id != store_id for store in self._listed):
            self._settle([store_id])

    def _guarded(self) -> Iterator[tuple[str, str, DropGuard]]:
        for store_id, name in self._unlisted:
            guard = self._run.guard(store_id)
            yield store_id, name, guard._replace(percent=0, at_least=0) if self._is_doubtful else guard

    def _withholds(self) -> bool:
        """Tell whether goods of a known store wait for the owner's word, or will."""
        if any(outcome.state == GUARDED for outcome in self._run.progress.outcomes):
            return True
        with self._run.engine.connect() as connection:
            for store_id, _, guard in self._guarded():
                goods = count_goods(connection, self._run.user_id, store_id)
                if guard.withholds(goods, goods):
                    return True
        return False

    def _put_off(self, stores: list[Store]) -> None:
        outcomes = [StoreOutcome(store.id, store.name, state=PUT_OFF) for store in stores]
        self._run.progress.outcomes = [*self._run.progress.outcomes, *outcomes]
        self._settle([store.id for store in stores])

    def _settle(self, store_ids: list[str]) -> None:
        with self._run.claimed() as transaction:
            for store_id in store_ids:
                settle_push(transaction, self._run.user_id, store_id, self._run.began)
