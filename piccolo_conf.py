"""Piccolo's entry point: `DB` and `APP_REGISTRY`."""

from referral_hub.database.conf import APP_REGISTRY, DB

__all__ = ["APP_REGISTRY", "DB"]
