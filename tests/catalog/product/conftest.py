"""The page of a good is tried with Alice's publication."""

from tests.publishing.conftest import maria, publishing, tea, teahouse, vk

__all__ = ["maria", "publishing", "tea", "teahouse", "vk"]
