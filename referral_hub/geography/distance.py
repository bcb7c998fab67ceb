"""Distance on the ground, pure."""

from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088  # mean radius, IUGG


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Kilometres between two points (degrees, WGS 84) as the crow flies, by the haversine formula."""
    up, across = radians(lat2 - lat1), radians(lon2 - lon1)
    bow = sin(up / 2) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(across / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(bow)))
