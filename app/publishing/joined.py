"""Which goods of an owner's are known to be one, and which of those VK forbids by what another store says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from flask import current_app, has_request_context
from sqlalchemy import select

from app.connections.may_publish import may_publish
from app.data.db import db
from app.mirror.departed import DepartedGood
from app.mirror.models import CachedProduct
from app.mirror.way_up import are_given, given
from app.publishing.facts import facts_here
from app.publishing.ledger.entries import listed_of, listed_together
from app.publishing.planning.existing import Entry, Listed
from app.publishing.planning.good import Good, Key
from app.publishing.planning.joins import Joins
from app.publishing.planning.merging import first_mark_of, forbidden_elsewhere
from app.publishing.planning.settings import NOT_MERGED, Settings
from app.publishing.remembered import Kept
from app.publishing.settings.same_goods import answers_of

# Of most owners nothing is kept; of one there may be thousands.
_OWNERS_KEPT = 500
_ROWS_AT_ONCE = 1000
_goods = CachedProduct.__table__.c
_departed = DepartedGood.__table__.c


def joins_of(user_id: int, settings: Settings, entries: Iterable[Entry | Listed] | None = None) -> Joins:
    """Read the owner's answers, and which goods stand behind one listing; nothing where none are joined.

    `entries` are the ledger's of the chosen community, None: they are read.
    """
    if settings.merge_by == NOT_MERGED:
        return Joins()
    if entries is None:
        community = may_publish(user_id).community
        entries = listed_of(user_id, community.id) if community else []
    joins = Joins(answers_of(user_id, settings.merge_by), listed_together(entries))
    return replace(joins, forbidden=forbidden_elsewhere(_joined(user_id, settings, joins), settings, joins))


def forbidden_elsewhere_here(user_id: int, settings: Settings) -> Mapping[Key, Sequence[Good]]:
    """What is of a forbidden type in other stores, as `Joins` has it, for a page of the owner's.

    To read what thousands of answers are about takes longer than a list: it is kept in the memory of the
    process with the mark of all that it came from. A run under way may join more before that is seen. A job,
    which makes a file of a list, has no page: it reads anew.
    """
    if settings.merge_by == NOT_MERGED:
        return {}
    if not has_request_context():
        return joins_of(user_id, settings).forbidden
    extensions = current_app.extensions
    kept: Kept[Mapping[Key, Sequence[Good]]] = extensions.setdefault(
        "forbidden_elsewhere", Kept(_OWNERS_KEPT)
    )
    mark = facts_here()[0].mark
    found = kept.get(user_id, mark)
    if found is None:
        found = joins_of(user_id, settings).forbidden
        kept.put(user_id, mark, found)
    return found


def _joined(user_id: int, settings: Settings, joins: Joins) -> Iterator[Good]:
    """Read what may be known to be one with others, published or not: its name, its type and its marks.

    What has left the till is read, too: its type holds for those that are left.

    Two statements; none where nothing is joined.
    """
    known, marks = joins.goods(), joins.marks()
    if not known and not marks:
        return
    are_known = given(known)
    gone = select(_departed.store_evotor_id, _departed.evotor_id, _departed.product_type).where(
        _departed.user_id == user_id,
        _departed.product_type.is_not(None),
        *are_given(DepartedGood, db.session.connection().dialect.name),
    )
    for store_id, product_id, kind in db.session.execute(gone, are_known):
        if (store_id, product_id) in known:
            yield Good(store_id, product_id, "", type=kind)
    statement = select(
        *(_goods.store_evotor_id, _goods.evotor_id, _goods.name, _goods.product_type),
        *(_goods.code, _goods.article_number, _goods.barcodes),
    ).where(_goods.user_id == user_id)
    if not marks:
        # Answers of old name no goods: of those whoever bears the mark is looked for among all.
        statement = statement.where(*are_given(CachedProduct, db.session.connection().dialect.name))
    # A million of rows at once would fill the memory.
    options = {"yield_per": _ROWS_AT_ONCE}
    rows = db.session.execute(statement, are_known if not marks else {}, execution_options=options)
    for store_id, product_id, name, kind, code, article, barcodes in rows:
        marked = {"code": code, "article": article, "barcodes": barcodes}
        good = Good(store_id, product_id, name, type=kind, **marked)
        if good.key in known or (marks and first_mark_of(good, settings) in marks):
            yield good
