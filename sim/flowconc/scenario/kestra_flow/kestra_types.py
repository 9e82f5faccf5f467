"""The task and trigger types of Kestra's core: their properties, and what older versions called them.

The tables say what Kestra 2.0.0 knows; of plugins' types nothing is known but their names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

CORE: Final = "io.kestra.plugin.core."


def words(text: str) -> frozenset[str]:
    """Return the words of a text: sets of property names are easier to read that way."""
    return frozenset(text.split())


_OF_EVERY_TASK: Final = words(
    "allowFailure allowWarning assets description disabled id logLevel logToFile policyRefs retry runIf taskCache "
    "timeout type version workerSelector"
)
_OF_EVERY_TRIGGER: Final = words(
    "allowConcurrent assets description disabled failOnTriggerError id labels logLevel logToFile policyRefs "
    "stopAfter type version when workerSelector"
)

_TASKS: Final = {  # the type after `io.kestra.plugin.core.`: its own properties, `!` after those it must have
    "debug.Return": "format",
    "execution.Assert": "conditions! errorMessage",
    "execution.Exit": "state",
    "execution.Fail": "condition errorMessage",
    "execution.Labels": "labels!",
    "execution.PurgeExecutions": (
        "batchSize endDate! flowId namespace purgeExecution purgeLog purgeMetric purgeStorage "
        "startDate states"
    ),
    "execution.SetVariables": "overwrite variables!",
    "execution.UnsetVariables": "ignoreMissing variables!",
    "flow.AllowFailure": "errors finally tasks!",
    "flow.Dag": "concurrent errors finally onChildFailure tasks!",
    "flow.If": "condition! else errors finally then!",
    "flow.Loop": "concurrencyLimit errors fetchType finally outputs tasks! transmitFailed values!",
    "flow.LoopUntil": "checkFrequency condition! errors failOnMaxReached finally tasks!",
    "flow.Parallel": "concurrent errors finally onChildFailure tasks!",
    "flow.Pause": "behavior errors finally onPause onResume pauseDuration",
    "flow.PurgeFlows": "behavior flowId namespace",
    "flow.Sequential": "errors finally tasks!",
    "flow.Sleep": "duration!",
    "flow.Subflow": (
        "flowId! inheritLabels inputs labels namespace! restartBehavior revision scheduleDate "
        "transmitFailed wait"
    ),
    "flow.Switch": "cases defaults errors finally value!",
    "flow.WorkingDirectory": "cache errors finally inputFiles namespaceFiles outputFiles tasks!",
    "http.Download": (
        "body contentType failOnEmptyResponse formData headers method options params saveAs uri!"
    ),
    "http.Request": "body contentType encryptBody formData headers method options params uri!",
    "http.SseRequest": (
        "body concatJqExpression contentType failedOnMissingJq formData headers method options params uri!"
    ),
    "kv.Delete": "errorOnMissing key! namespace",
    "kv.Get": "errorOnMissing key! namespace",
    "kv.GetKeys": "namespace prefix",
    "kv.PurgeKV": "behavior includeChildNamespaces keyPattern namespacePattern namespaces",
    "kv.Put": "errorOnMissing key! namespace value!",
    "kv.Set": "key! kvDescription kvType namespace overwrite ttl value!",
    "log.Log": "level message!",
    "log.PurgeLogs": (
        "batchSize endDate! executionId flowId logLevels namespace purgeExecutionLogs "
        "purgeNonExecutionLogs startDate"
    ),
    "metric.Publish": "metrics",
    "namespace.DeleteFiles": "deleteParentFolder files! namespace!",
    "namespace.DownloadFiles": "destination files! namespace!",
    "namespace.PurgeFiles": "behavior filePattern includeChildNamespaces namespacePattern namespaces",
    "namespace.UploadFiles": "conflict destination files filesMap namespace!",
    "output.OutputValues": "values",
    "storage.Concat": "extension files! separator",
    "storage.DeduplicateItems": "expr! from!",
    "storage.Delete": "errorOnMissing uri!",
    "storage.FilterItems": "errorOrNullBehavior filterCondition! filterType from!",
    "storage.PurgeCurrentExecutionFiles": "",
    "storage.PurgeStorage": "dryRun endDate! flowId namespace startDate",
    "storage.Reverse": "charset from! separator",
    "storage.Size": "uri!",
    "storage.Split": "bytes from! partitions regexPattern rows separator",
    "storage.Write": "content! extension",
    "templating.TemplatedTask": "spec!",
}
_TRIGGERS: Final = {
    "http.Trigger": (
        "body contentType encryptBody formData headers interval method options params responseCondition uri!"
    ),
    "trigger.Flow": "dependsOn inputs minSatisfied mode states window",
    "trigger.McpToolTrigger": "annotations mcpServer title! toolDescription! toolName!",
    "trigger.Schedule": (
        "cron! inputs interval lateMaximumDelay recoverMissedSchedules timezone withSeconds"
    ),
    "trigger.ScheduleOnDates": "dates! inputs interval recoverMissedSchedules timezone",
    "trigger.Webhook": "fetchType inputs key! responseCode responseContentType returnOutputs wait",
}

_TASKS_OF_1_X: Final = words(
    "debug.Echo execution.Count execution.Resume flow.EachParallel flow.EachSequential flow.ForEach flow.ForEachItem "
    "flow.Template flow.WaitFor kv.Version log.Fetch state.Delete state.Get state.Set storage.LocalFiles trigger.Toggle"
)
"""Core tasks that 2.0 has no more: read as 1.x has them, with a warning."""

_SUCCESSORS: Final = {
    "debug.Echo": "log.Log",
    "flow.Flow": "flow.Subflow",
    "flow.WaitFor": "flow.LoopUntil",
    "flow.Worker": "flow.WorkingDirectory",
}
_OLD_GROUPS: Final = {
    "flows": "flow",
    "debugs": "debug",
    "executions": "execution",
    "states": "state",
    "storages": "storage",
}
_OLD_TASK: Final = re.compile(r"io\.kestra\.core\.tasks\.(?P<group>\w+)\.(?P<name>\w+)")
_OLD_TRIGGER: Final = re.compile(r"io\.kestra\.core\.models\.triggers\.types\.(?P<name>\w+)")
_OLD_CONDITION: Final = re.compile(
    r"io\.kestra\.core\.models\.conditions\.types\.(?P<name>\w+?)(?:Condition)?"
)
_CLASS_NAME: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class KestraType:
    """A task's or trigger's type. `core` is what follows `io.kestra.plugin.core.`, None for plugins' types.

    `properties` is None where any is accepted. `outdated` says that 2.0 has the type no more.
    """

    name: str
    core: str | None = None
    properties: frozenset[str] | None = None
    required: tuple[str, ...] = ()
    outdated: bool = False


def _catalogue(own: dict[str, str], of_every: frozenset[str]) -> dict[str, KestraType]:
    return {
        core: KestraType(
            CORE + core,
            core,
            of_every | {name.rstrip("!") for name in names.split()},
            tuple(name.rstrip("!") for name in names.split() if name.endswith("!")),
        )
        for core, names in own.items()
    }


_CORE_TASKS: Final = _catalogue(_TASKS, _OF_EVERY_TASK)
_CORE_TRIGGERS: Final = _catalogue(_TRIGGERS, _OF_EVERY_TRIGGER)

CORE_TASK_TYPES: Final = tuple(CORE + core for core in _CORE_TASKS)
CORE_TRIGGER_TYPES: Final = tuple(CORE + core for core in _CORE_TRIGGERS)


def task_type(name: str) -> KestraType | None:
    """Return the task type of this name, or None for one that Kestra cannot know."""
    if name.startswith(CORE):
        return _core_task(name, name.removeprefix(CORE), outdated=False)
    if (old := _OLD_TASK.fullmatch(name)) is not None and old["group"] != "scripts":
        group = _OLD_GROUPS.get(old["group"], old["group"])
        return _core_task(name, f"{group}.{old['name']}", outdated=True)
    return KestraType(name) if _CLASS_NAME.fullmatch(name) else None


def _core_task(name: str, core: str, *, outdated: bool) -> KestraType | None:
    if core in _CORE_TASKS and not outdated:
        return _CORE_TASKS[core]
    if core in _CORE_TASKS or core in _TASKS_OF_1_X or core in _SUCCESSORS:
        return KestraType(name, _SUCCESSORS.get(core, core), outdated=True)
    return None


def trigger_type(name: str) -> KestraType | None:
    """Return the trigger type of this name, or None for one that Kestra cannot know."""
    if name.startswith(CORE):
        return _CORE_TRIGGERS.get(name.removeprefix(CORE))
    if (old := _OLD_TRIGGER.fullmatch(name)) is not None:
        core = f"trigger.{old['name']}"
        return KestraType(name, core, outdated=True) if core in _CORE_TRIGGERS else None
    return KestraType(name) if _CLASS_NAME.fullmatch(name) else None


def condition_type(name: str) -> str:
    """Return the last part of a condition's type in 1.x, without the `Condition` that older names end in."""
    old = _OLD_CONDITION.fullmatch(name)
    return old["name"] if old is not None else name.removeprefix(f"{CORE}condition.")
