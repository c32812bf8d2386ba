"""The availability status, in the words of those who read product data."""

from enum import StrEnum


class AvailabilityStatus(StrEnum):
    """One to one with schema.org ItemAvailability."""

    IN_STOCK = "IN_STOCK"
    LIMITED_AVAILABILITY = "LIMITED_AVAILABILITY"
    BACK_ORDER = "BACK_ORDER"
    PRE_ORDER = "PRE_ORDER"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    SOLD_OUT = "SOLD_OUT"
    DISCONTINUED = "DISCONTINUED"

    @property
    def schema_org(self) -> str:
        """The schema.org URL, as structured data wants it."""
        return "https://schema.org/" + self.value.title().replace("_", "")

    @property
    def google(self) -> str:
        """The value of Google Merchant's `availability` attribute."""
        return _GOOGLE[self]


_GOOGLE = {
    AvailabilityStatus.IN_STOCK: "in_stock",
    AvailabilityStatus.LIMITED_AVAILABILITY: "in_stock",
    AvailabilityStatus.BACK_ORDER: "backorder",
    AvailabilityStatus.PRE_ORDER: "preorder",
    AvailabilityStatus.OUT_OF_STOCK: "out_of_stock",
    AvailabilityStatus.SOLD_OUT: "out_of_stock",
    AvailabilityStatus.DISCONTINUED: "out_of_stock",
}
