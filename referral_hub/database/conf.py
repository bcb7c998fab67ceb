"""What Piccolo's own commands read; the top-level piccolo_conf.py hands it on."""

from piccolo.conf.apps import AppRegistry

from referral_hub.database.pool import ENGINE as DB

APP_REGISTRY = AppRegistry(apps=["referral_hub.database.piccolo_app"])

__all__ = ["APP_REGISTRY", "DB"]
