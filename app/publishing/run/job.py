"""The jobs of publication: a run, and a reading of the community's shop."""

from functools import partial
from typing import Any

from flask import current_app

from app.clients.errors import CloudError
from app.clients.vk.market import Market
from app.clients.vk.photos import ProductPhotos
from app.connections.vk.market import MarketClosed, MarketLost, NotWanted, OpenMarket, open_market
from app.data.db import db
from app.publishing.photos.picture_files import PictureFiles
from app.publishing.planning.pace import Pace
from app.publishing.planning.templates import TemplateError
from app.publishing.run.agenda import Agenda, Held
from app.publishing.run.album_work import AlbumWork
from app.publishing.run.apply import Applier
from app.publishing.run.carry_out import CarryingOut
from app.publishing.run.limits import DAILY_LIMIT
from app.publishing.run.lives import publications, readings
from app.publishing.run.models import DELETE, HELD, ONE, PAUSED, UNDO, MarketReading, Publication
from app.publishing.run.pausing import (
    Pause,
    lacks_room,
    pause_for,
    pause_for_doubt,
    pause_for_doubted,
    pause_for_quota,
    pause_for_refused,
    pause_for_unknown,
    stuck_since,
)
from app.publishing.run.reading import Reader
from app.publishing.run.removing import InDoubt, Removing
from app.publishing.run.settling import settle
from app.publishing.run.shop import Shop
from app.publishing.run.turns import wait_for_vk
from app.publishing.run.uploads import Uploads
from app.publishing.run.wanted import TillLost, is_wanted
from app.web.language import translated
from app.words import gettext_noop
from app.work.jobs import job
from app.work.runs.carrying_out import carry_out
from app.work.runs.row import CANCELLED, DONE, FAILED, PARTIAL
from app.work.runs.running import Running

OUR_FAULT = gettext_noop(
    "Публикация прервалась из-за ошибки у нас. Что уже отправлено, осталось. Повторите позже"
)
READING_FAULT = gettext_noop("Чтение прервалось из-за ошибки у нас. Повторите позже")
SHOP_LOST = gettext_noop("ВКонтакте отключили или выбрали другое сообщество. Остальное не отправлено")
SWITCHED_OFF = gettext_noop("Публикацию выключили. Остальное не отправлено")
OTHERS = gettext_noop(
    "Часть товаров уже ведёт здесь другой аккаунт Витрины. Они не отправлены: план спросит о них"
)
NO_ROOM = gettext_noop(
    "В сообществе больше нет места для товаров. Исключите часть или удалите лишние во ВКонтакте"
)
GOES_WITH_OTHERS = gettext_noop("Этот товар уйдёт с остальными: он в плане")
NO_ALBUMS = gettext_noop(
    "ВКонтакте больше не даёт делать подборки. Удалите лишние или выключите их у части групп"
)
UNSEEN = gettext_noop("Пока публикация шла, появились изменения, которых вы ещё не видели. Они ждут в плане")


@job
def run_publication(run_id: int) -> None:
    """Carry a queued run out; its row holds the outcome, whatever happens."""
    carry_out(publications, run_id, _publish, our_fault=OUR_FAULT)


@job
def run_reading(run_id: int) -> None:
    """Read a community's shop into the ledger; the run's row holds the outcome."""
    carry_out(readings, run_id, _read, our_fault=READING_FAULT)


def _publish(running: Running[Publication]) -> None:
    try:
        with open_market(
            running.user_id,
            running.row.community_id,
            sleep=partial(wait_for_vk, running),
            is_wanted=partial(is_wanted, running),
        ) as opened:
            if _is_about_removal(running.row):
                _remove(running, opened)
            else:
                _carry_out(running, opened)
    except NotWanted:
        running.finish(CANCELLED, SWITCHED_OFF)
    except MarketLost:
        running.finish(CANCELLED, SHOP_LOST)
    except MarketClosed as closed:
        _wait(running, pause_for(closed.error, closed.problem))
    except TemplateError as error:
        running.finish(FAILED, translated(error.sentence))


def _is_about_removal(row: Publication) -> bool:
    if row.origin == UNDO:
        taken_back = db.session.get(Publication, row.undoes)
        return taken_back is not None and taken_back.origin == DELETE
    return row.origin == DELETE


def _remove(running: Running[Publication], opened: OpenMarket) -> None:
    reader = Reader(running, Market(opened.session, opened.community.id))
    work = Removing(running, Shop(opened.session, opened.community.id), reader)
    try:
        with running.beating(work.snapshot):
            work.go()
    except InDoubt as doubt:
        opened.note_success()
        _wait(running, pause_for_doubt(doubt.until), **work.snapshot())
    except CloudError as error:
        _pause(running, work, opened, error)
    else:
        opened.note_success()
        running.finish(PARTIAL if work.failed else DONE, None, **work.snapshot())


def _carry_out(running: Running[Publication], opened: OpenMarket) -> None:
    settings = current_app.extensions["settings"]
    photos = ProductPhotos(opened.session, opened.community.id)
    shop = Shop(opened.session, opened.community.id)
    reader = Reader(running, Market(opened.session, opened.community.id))
    applier = Applier(running, shop, Uploads(photos, PictureFiles(settings.media_dir, running.user_id)))
    albums = AlbumWork(running, shop, applier, reader)
    agenda = Agenda(running, applier, reader, albums)
    work = CarryingOut(running, agenda, applier, albums, Pace(settings.vk_calls_per_second))
    try:
        with running.beating(work.snapshot):
            work.go()
    except Held as held:
        running.finish(
            HELD,
            None,
            **work.snapshot() | {"ends_at": None},
            holds=held.described(),
            digest=agenda.plan.digest if agenda.plan else None,
            finished_at=None,
        )
    except CloudError as error:
        _pause(running, work, opened, error)
    else:
        opened.note_success()
        _finish(running, work, applier, albums)
    finally:
        photos.close()


def _pause(
    running: Running[Publication], work: CarryingOut | Removing, opened: OpenMarket, error: CloudError
) -> None:
    if not opened.is_mine():
        # Disconnecting takes the rights back, which a call under way hears of first.
        running.finish(CANCELLED, SHOP_LOST, **work.snapshot())
        return
    problem = error.problem if isinstance(error, TillLost) else opened.note_problem(error)
    _wait(running, pause_for(error, problem), **work.snapshot())


def _wait(running: Running[Publication], pause: Pause, **columns: Any) -> None:
    # This session looks at what is committed, and holds nothing while another connection ends the run.
    db.session.rollback()
    waits = {
        "problem": pause.problem,
        "resume_at": pause.resume_at,
        "ends_at": pause.ends_at,
        "stuck_since": stuck_since(running.row, pause),
    }
    db.session.rollback()
    if pause.waiting:
        columns["to_create"] += pause.waiting
        columns["total"] += pause.waiting
    running.finish(PAUSED, pause.sentence, **columns | waits | {"finished_at": None})


def _finish(running: Running[Publication], work: CarryingOut, applier: Applier, albums: AlbumWork) -> None:
    pause = _pause_for_new(running.row, work, applier)
    if pause is not None and pause.problem == DAILY_LIMIT and running.row.origin == ONE:
        # All the others would wait with it; VK's word on the day is remembered.
        told = {"problem": pause.problem, "resume_at": pause.resume_at, "ends_at": None}
        running.finish(
            FAILED, f"{translated(pause.sentence)}. {translated(GOES_WITH_OTHERS)}", **work.snapshot() | told
        )
        return
    if pause is not None:
        return _wait(running, pause, **work.snapshot())
    plan = work.agenda.plan
    is_full = applier.is_full or bool(plan and lacks_room(plan))
    is_partial = is_full or applier.failed or albums.failed or albums.is_full
    status = PARTIAL if is_partial else DONE
    sentence = NO_ROOM if is_full else OTHERS if applier.met_others else NO_ALBUMS if albums.is_full else None
    if sentence is None and plan is not None and plan.unseen:
        sentence = UNSEEN
    running.finish(status, sentence, **work.snapshot() | {"ends_at": None})


def _pause_for_new(row: Publication, work: CarryingOut, applier: Applier) -> Pause | None:
    """The pause for what VK has not said, or for new goods that it takes no more of for now; or None."""
    plan = work.agenda.plan
    unknown = pause_for_unknown(plan, work.agenda.unheard_until)
    if unknown is not None or plan is None:
        return unknown
    if doubted := pause_for_doubted(plan, work.agenda.doubted_until):
        return doubted
    if applier.is_full:
        return pause_for_refused(row, plan, work.seconds_a_good)
    return pause_for_quota(row, plan, work.seconds_a_good)


def _read(running: Running[MarketReading]) -> None:
    read = 0

    def note(count: int) -> None:
        nonlocal read
        read = count
        running.check()

    try:
        with open_market(
            running.user_id, running.row.community_id, sleep=partial(wait_for_vk, running)
        ) as opened:
            reader = Reader(running, Market(opened.session, opened.community.id))
            step = gettext_noop("Читаем товары сообщества")
            try:
                with running.beating(lambda: {"done": read, "step": step}):
                    found = reader.read(note)
                    step = gettext_noop("Читаем категории")
                    reader.read_categories()
                    step = gettext_noop("Сравниваем с кассой")
                    settle(running)
            except CloudError as error:
                running.finish(FAILED, pause_for(error, opened.note_problem(error)).sentence)
            else:
                opened.note_success()
                running.finish(DONE, done=found, total=found)
    except MarketLost:
        running.finish(CANCELLED, SHOP_LOST)
    except MarketClosed as closed:
        running.finish(FAILED, pause_for(closed.error, closed.problem).sentence)
