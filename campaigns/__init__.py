"""From a TOML file to trusted, labelled files of a liquid at several temperatures."""

from ..storage.public_names import name_after_room
from .campaign import Campaign
from .data import CampaignData, CampaignState
from .settings import CampaignSettings, open_settings

__all__ = ["Campaign", "CampaignData", "CampaignSettings", "CampaignState", "open_settings"]

name_after_room(__name__, __all__)
