"""The deployment's settings: one frozen Struct, read from the environment (`REFERRAL_HUB_…`) once."""

import ipaddress
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

PREFIX = "REFERRAL_HUB_"

_DATABASE = ("postgresql", "postgres")
_WEB = ("http", "https")
_SMTP = ("smtp", "smtps", "smtp+starttls")


class WrongSetting(ValueError):
    """A setting that cannot be used; the text names it and says what is expected."""


class Settings(Struct, frozen=True):
    """What the environment decides. URLs are '' where they are not set; paths are absolute.

    `sms_url` is a gateway that takes `POST {"to": "+48601123456", "text": "…", "reference": "<id>"}` as JSON and says
    2xx when it has taken the message; a user and password in it become basic authentication (`mail/sms.py`).
    `undo_seconds` is how long a referral sent from a page can be taken back before it leaves; 0 sends at once.
    """

    database_url: str
    database_owner_url: str
    data_dir: Path
    key_file: Path
    public_url: str
    smtp_url: str
    sms_url: str
    map_tile_url: str
    trusted_proxies: tuple[str, ...]
    demo_password: str
    undo_seconds: int = 30

    @property
    def https(self) -> bool:
        """True when people reach the hub by https: cookies are then `Secure`."""
        return self.public_url.startswith("https:")

    @property
    def embedded(self) -> bool:
        """True when no database was named, so the embedded server of the data directory is used."""
        return not self.database_url


def default_data_dir(environment: Mapping[str, str], *, root: bool) -> Path:
    """Where the data lives unless REFERRAL_HUB_DATA_DIR says otherwise."""
    if root:
        return Path("/var/lib/referral-hub")
    base = environment.get("XDG_DATA_HOME", "")
    # The XDG rule: a relative path there is to be ignored.
    if base and Path(base).is_absolute():
        return Path(base) / "referral-hub"
    home = environment.get("HOME") or os.path.expanduser("~")
    return Path(home) / ".local" / "share" / "referral-hub"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from `environment`. Raises WrongSetting for a value that cannot be used."""

    def text(name: str) -> str:
        return environment.get(PREFIX + name, "").strip()

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    data_dir = Path(text("DATA_DIR") or default_data_dir(environment, root=root)).expanduser().absolute()
    return Settings(
        database_url=_url("DATABASE_URL", text("DATABASE_URL"), _DATABASE),
        database_owner_url=_url("DATABASE_OWNER_URL", text("DATABASE_OWNER_URL"), _DATABASE),
        data_dir=data_dir,
        key_file=Path(text("KEY_FILE") or data_dir / "keys.json").expanduser().absolute(),
        public_url=_url("PUBLIC_URL", text("PUBLIC_URL") or "http://127.0.0.1:8000", _WEB).rstrip("/"),
        smtp_url=_url("SMTP_URL", text("SMTP_URL"), _SMTP),
        sms_url=_url("SMS_URL", text("SMS_URL"), _WEB),
        map_tile_url=_url("MAP_TILE_URL", text("MAP_TILE_URL"), _WEB),
        trusted_proxies=_networks(text("TRUSTED_PROXIES")),
        demo_password=environment.get(PREFIX + "DEMO_PASSWORD", ""),
        undo_seconds=_seconds("UNDO_SECONDS", text("UNDO_SECONDS") or "30", most=600),
    )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process; after changing the environment call `settings.cache_clear()`."""
    return read_settings(os.environ)


def _url(name: str, value: str, schemes: tuple[str, ...]) -> str:
    if not value:
        return ""
    # Only the scheme is looked at: a multi-host DSN is no URL that urlsplit could take apart. The value is
    # not repeated in the message, since it may hold a password.
    if value.partition("://")[0].lower() not in schemes:
        raise WrongSetting(f"{PREFIX}{name} has to begin with {' or '.join(f'{one}://' for one in schemes)}")
    return value


def _seconds(name: str, value: str, *, most: int) -> int:
    if not (value.isascii() and value.isdigit() and int(value[:9]) <= most):
        raise WrongSetting(f"{PREFIX}{name} has to be a whole number of seconds, at most {most}")
    return int(value)


def _networks(value: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    for part in found:
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError:
            raise WrongSetting(
                f"{PREFIX}TRUSTED_PROXIES: '{part}' is neither an address nor a network such as 10.0.0.0/8"
            ) from None
    return found
