"""What a test may set in VK: its limits, and its habits where the real one is not known for sure."""

from dataclasses import dataclass, field


@dataclass
class Limits:
    """Numbers that VK keeps to; small ones make quotas testable."""

    items: int = 15_000
    new_items_a_day: int = 7_000
    # The code of a spent day is nowhere documented: 1405, 9 or 29.
    new_items_code: int = 1405
    albums: int = 100
    items_in_album: int = 1_000
    name_weight: int = 100
    description_weight: int = 3_300
    execute_calls: int = 25
    execute_code: int = 65_536
    restore_seconds: float = 3_600.0
    upload_seconds: float = 86_400.0
    # None: a photo that no item took waits for ever.
    unused_photo_seconds: float | None = None
    photo_bytes: int = 50 * 1024 * 1024


@dataclass
class Habits:
    """Ways of VK that are not confirmed; the first values are the ones that forgive least."""

    refuses_unchanged_edit: bool = True
    edit_without_deleted_unhides: bool = True
    edit_keeps_extra_photos: bool = False
    needs_photo: bool = True
    lists_empty_albums: bool = False
    shows_deleted_by_id: bool = False
    lists_rejected: bool = True
    # How long what was added stays out of sight, seconds.
    shows_added_after: float = 0.0
    escapes_texts: bool = False
    # 1402, 1403 and 1404 among several ids: whether the good ones are taken.
    album_errors_undo_all: bool = False
    photo_scope: str = "market"
    # What somebody without a role is told: 15, 7, 203 or 205.
    lost_role_code: int = 15
    bad_links: set[str] = field(default_factory=lambda: {"bad.example"})
