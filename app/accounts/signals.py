"""What accounts tell the features above them, without knowing who listens."""

from blinker import Signal

# An owner is about to be deleted with all that is theirs. Sent without a sender; `user_id`.
owner_leaves = Signal()
