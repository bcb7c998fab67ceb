"""The words of the hub as dated data, and the profile of the club."""
