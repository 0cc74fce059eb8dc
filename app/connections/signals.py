"""What connections tell the features above them, without knowing who listens."""

from blinker import Signal

# Goods of a store have changed in the cloud. Sent without a sender; `user_id`, `store_id` (Evotor's).
store_changed = Signal()

# The owner's Evotor goes by another token from now on, answers again after it needed the owner, or has turned
# out to be another merchant's. Sent without a sender, once that is committed; `user_id`.
evotor_connected = Signal()

# The owner's Evotor is about to become another merchant's: what was brought in for the one before is deleted
# in the session's transaction. Sent without a sender, before the connection is changed in any way; `user_id`.
merchant_changes = Signal()

# Which stores were brought in for the owner? Sent without a sender; `user_id`; who listens gives their ids.
stores_brought_in = Signal()

# The owner's Evotor is gone. Sent without a sender, once that is committed; `user_id`.
evotor_disconnected = Signal()
