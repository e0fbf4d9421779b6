"""From a TOML file to trusted, labelled files of a liquid at several temperatures."""

from .campaign import Campaign
from .data import CampaignData, CampaignState
from .settings import CampaignSettings, open_settings

__all__ = ["Campaign", "CampaignData", "CampaignSettings", "CampaignState", "open_settings"]
