"""From a TOML file to trusted, labelled files of a liquid at several temperatures."""

from .campaign import Campaign, CampaignState
from .settings import CampaignSettings

__all__ = ["Campaign", "CampaignSettings", "CampaignState"]
