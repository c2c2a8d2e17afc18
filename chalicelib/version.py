"""The version of LiveInsight, as CHANGELOG.md tells its story."""

__version__ = "0.1.0"
