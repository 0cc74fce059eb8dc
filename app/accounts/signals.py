"""What accounts tell the features above them, without knowing who listens."""

from blinker import Signal

# An owner is about to be deleted with all that is theirs: rights are handed back, and whatever acts for the
# owner goes, in the transaction in which the account becomes nobody's. Sent without a sender; `user_id`.
owner_leaves = Signal()
# It is nobody's now, and its rows go: so does what lies beside the database. Perhaps sent more than once.
owner_has_left = Signal()
