"""Boundaries of TERYT units; the units themselves are data of the package, read by `units.py`."""

from piccolo.columns import JSONB, Date, Text, Varchar
from piccolo.table import Table


class Boundary(Table, tablename="boundary"):
    """A boundary brought in by `import --kind boundaries`: GeoJSON geometry in WGS 84."""

    terc = Varchar(length=6, primary_key=True, default=None)
    geometry = JSONB(default="{}")
    source = Text(default="")
    as_at = Date(default=None, null=True)
