"""Every field type there is: one file each in this folder, plus what installed packages offer."""

from crm_app import fields
from crm_app.fields.field_type import FieldType
from crm_app.kernel.registry import Registry

FIELD_TYPES: Registry[FieldType] = (
    Registry[FieldType]("field type").load_folder(fields, "FIELD_TYPE").load_entry_points("trellis.field_types")
)
