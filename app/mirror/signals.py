"""What the catalogue tells the features above it, without knowing who listens."""

from blinker import Signal

# Goods came, went or changed their group. Sent without a sender, with the `connection` of the transaction in
# which they did, as its last writing; `user_id`, and `store_id` (Evotor's) or None for the whole catalogue.
goods_moved = Signal()

# Known goods are about to change their groups, or these to lie elsewhere; with the same `connection` and
# `user_id`. What a listener gives is called once they have.
goods_will_move = Signal()
