"""One Piccolo app, one linear history; the rooms' tables are named as text, since they stand above this one."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

ROOMS = (
    "audit",
    "jobs",
    "mail",
    "vocabularies",
    "geography",
    "institutions",
    "accounts",
    "directory",
    "upkeep",
    "moderation",
    "timetable",
    "lending",
    "barter",
    "enquiries",
    "participants",
    "referrals",
    "duplicates",
    "attendance",
    "participation",
    "paths",
    "closure",
    "caseload",
)

APP_CONFIG = AppConfig(
    app_name="hub",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=table_finder(modules=[f"referral_hub.{room}.tables" for room in ROOMS]),
    migration_dependencies=[],
    commands=[],
)
