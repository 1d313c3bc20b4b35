"""Every trigger and step type there is: one file each, plus what installed packages offer."""

from crm_app.automation import control, steps, triggers
from crm_app.automation.step_type import StepType
from crm_app.automation.trigger_type import TriggerType
from crm_app.kernel.registry import Registry

TRIGGER_TYPES: Registry[TriggerType] = (
    Registry[TriggerType]("trigger type").load_folder(triggers, "TRIGGER_TYPE").load_entry_points("trellis.triggers")
)
STEP_TYPES: Registry[StepType] = (
    Registry[StepType]("step type")
    .load_folder(steps, "STEP_TYPE")
    .load_folder(control, "STEP_TYPE")
    .load_entry_points("trellis.steps")
)
