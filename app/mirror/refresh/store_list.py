"""The stores that the cloud lists, beside those that are known: which come, which go, and which wait."""

from app.clients.evotor.client import Store
from app.mirror.difference import remove_store
from app.mirror.refresh.progress import GUARDED, PUT_OFF, StoreOutcome, note_difference
from app.mirror.refresh.stores import StoreRun
from app.mirror.staging import settle_push


class StoreList:
    """The list of one run."""

    def __init__(self, run: StoreRun, listed: list[Store]) -> None:
        self._run = run
        self._listed = listed

    def bring_in(self, wanted: list[Store]) -> None:
        """Fetch and apply these of the list; new ones wait while goods are withheld.

        A store that comes when another one, or its goods, are gone may be the same shop by another id.
        """
        is_known = self._run.answer.known.__contains__
        if known := [store for store in wanted if is_known(store.id)]:
            self._run.fetch_and_apply(known)
        if new := [store for store in wanted if not is_known(store.id)]:
            bring_in = self._put_off if self._withholds() else self._run.fetch_and_apply
            bring_in(new)

    def remove_missing(self) -> None:
        """Forget stores that the cloud no longer lists."""
        run = self._run
        for store in run.answer.unlisted.values():
            outcome = StoreOutcome(store.id, store.name)
            run.progress.outcomes.append(outcome)
            with run.claimed() as transaction:
                guard = run.answer.guard(store.id)
                difference = remove_store(transaction, run.user_id, run.running.id, store.id, guard)
                note_difference(outcome, difference)

    def settle_unlisted(self, store_id: str) -> None:
        """Forget that a store was to be refreshed when the cloud does not list it."""
        if all(store.id != store_id for store in self._listed):
            self._settle([store_id])

    def _withholds(self) -> bool:
        """Tell whether goods of a known store wait for the owner's word, or will."""
        answer, outcomes = self._run.answer, self._run.progress.outcomes
        return answer.keeps_goods or any(outcome.state == GUARDED for outcome in outcomes)

    def _put_off(self, stores: list[Store]) -> None:
        outcomes = [StoreOutcome(store.id, store.name, state=PUT_OFF) for store in stores]
        self._run.progress.outcomes = [*self._run.progress.outcomes, *outcomes]
        self._settle([store.id for store in stores])

    def _settle(self, store_ids: list[str]) -> None:
        with self._run.claimed() as transaction:
            for store_id in store_ids:
                settle_push(transaction, self._run.user_id, store_id, self._run.began)
