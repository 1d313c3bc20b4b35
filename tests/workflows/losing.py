"""A worker that loses workflow tasks: what a run did since its last one is in the ledger, and not in its history."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

# Of a workflow, by its id: whether its task is lost now. Asked at every turn, so it answers yes once.
IsLost = Callable[[str], bool]


class LosingRunner(WorkflowRunner):
    """As if the worker had been killed, without what that costs: the task is given back undone, and Temporal hands it
    out anew.
    """

    def __init__(self, inner: WorkflowRunner, is_lost: IsLost) -> None:
        self._inner = inner
        self._is_lost = is_lost

    def prepare_workflow(self, defn: Any) -> None:
        self._inner.prepare_workflow(defn)

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        self._inner.set_worker_level_failure_exception_types(types)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _LosingInstance(self._inner.create_instance(det), self._is_lost)


class _LosingInstance(WorkflowInstance):
    def __init__(self, inner: WorkflowInstance, is_lost: IsLost) -> None:
        self._inner = inner
        self._is_lost = is_lost

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if not self._is_lost(self.get_info().workflow_id):
            return self._inner.activate(act)
        completion = WorkflowActivationCompletion(run_id=act.run_id)
        completion.failed.failure.message = "The worker is gone."
        return completion

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._inner.get_external_store_context(command_info)

    def get_info(self) -> Any:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()
