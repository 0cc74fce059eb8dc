"""What connections tell the features above them, without knowing who listens."""

from blinker import Signal

# Goods of a store have changed in the cloud. Sent without a sender; `user_id`, `store_id` (Evotor's).
store_changed = Signal()
