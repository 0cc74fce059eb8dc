"""Whether a run may make its next call to VK, as its owner has it at that moment."""

from app.clients.errors import Action, CloudError
from app.connections.may_publish import till_problem
from app.connections.problems import Problem
from app.data.db import db
from app.publishing.run.models import DELETE, UNDO, Publication
from app.publishing.switch import is_on
from app.work.runs.running import Running


class TillLost(CloudError):
    """Nobody knows the goods any more: the owner's till is not connected, `problem` says how.

    VK has not heard of the call.
    """

    action = Action.STOP

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"not sent: {problem.kind}")
        self.problem = problem


def is_wanted(running: Running[Publication]) -> bool:
    """Tell whether a run may make its next call: nothing is published while publication is off. Commits.

    What the owner deletes or takes back by hand is their word of that moment, and needs no till. Raises
    TillLost where the run waits for the till, and RunStopped when it has ended: another one may be adding the
    same goods by now.
    """
    running.look()
    needs_till = running.row.origin not in (DELETE, UNDO)
    is_wanted = not needs_till or is_on(running.user_id)
    problem = till_problem(running.user_id) if needs_till and is_wanted else None
    db.session.commit()
    if problem is not None:
        raise TillLost(problem)
    return is_wanted
