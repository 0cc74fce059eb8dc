"""What the beginning of a run that takes another one back means for what goes by itself."""

from app.publishing.run.models import UNDO, Publication
from app.publishing.settings.save import let_nothing_go_by_itself
from app.work.runs.running import Running


def note_begun(running: Running[Publication]) -> None:
    """Note that a run is about to make its first change; what takes another one back lets nothing else go.

    The till and the rules are as they were: by itself the same would be sent again with the next change.
    Until then the owner's switch is left as it is: there may be nothing to take back. Commits.
    """
    if running.row.origin == UNDO:
        let_nothing_go_by_itself(running.user_id)
