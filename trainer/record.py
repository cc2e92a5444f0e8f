"""Configurations whose records stay what they were before a field was added."""

from typing import Any

from pydantic import BaseModel


class Record(BaseModel):
    """A record leaves out fields that the class has from a base class, where they have their default.

    So what was recorded before there were such fields stays valid, byte for byte.
    """

    def model_dump(self, **options: Any) -> dict[str, Any]:  # type: ignore[override]
        """The record, by the name of each field; `options` are pydantic's."""
        values = super().model_dump(**options)
        fields, own = type(self).model_fields, type(self).__annotations__
        return {
            name: value
            for name, value in values.items()
            if name in own or getattr(self, name) != fields[name].default
        }
