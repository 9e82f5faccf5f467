package flowconc.engine;

import io.kestra.core.executor.command.Create;
import io.kestra.core.executor.command.ExecutionCommand;
import io.kestra.core.executor.command.ForceRun;
import io.kestra.core.executor.command.Pause;
import io.kestra.core.executor.command.Restart;
import io.kestra.core.executor.command.Resume;
import io.kestra.core.executor.command.Unqueue;
import io.kestra.core.executor.command.UpdateStatus;
import io.kestra.core.models.executions.Execution;
import io.kestra.core.models.executions.ExecutionId;
import io.kestra.core.models.executions.ExecutionKilled;
import io.kestra.core.models.executions.ExecutionKilledExecution;
import io.kestra.core.models.flows.Flow;
import io.kestra.core.models.flows.FlowWithSource;
import io.kestra.core.models.flows.GenericFlow;
import io.kestra.core.models.flows.State;
import io.kestra.core.queues.BroadcastQueueInterface;
import io.kestra.core.queues.DispatchQueueInterface;
import io.kestra.core.repositories.ConcurrencyLimitRepositoryInterface;
import io.kestra.core.repositories.ExecutionRepositoryInterface;
import io.kestra.core.repositories.FlowRepositoryInterface;
import io.kestra.core.runners.ConcurrencyLimit;
import io.kestra.core.runners.FlowInputOutput;
import io.kestra.core.runners.TestRunner;
import io.kestra.core.services.ExecutionService;
import io.kestra.core.services.FlowService;
import io.kestra.core.utils.IdUtils;
import io.micronaut.context.ApplicationContext;
import io.micronaut.core.type.Argument;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Kestra 2.x: the API sends commands to the executor. */
final class Line implements Engine {

    private static final String TENANT = "main";
    private static final int PURGE_BATCH = 100;

    private final ApplicationContext context;
    private final ExecutionService executionService;
    private final ExecutionRepositoryInterface executions;
    private final FlowService flowService;
    private final FlowRepositoryInterface flows;
    private final DispatchQueueInterface<ExecutionCommand> commands;
    private final DispatchQueueInterface<Execution> executionQueue;
    private final BroadcastQueueInterface<ExecutionKilled> killQueue;

    private Line(ApplicationContext context) {
        this.context = context;
        executionService = context.getBean(ExecutionService.class);
        executions = context.getBean(ExecutionRepositoryInterface.class);
        flowService = context.getBean(FlowService.class);
        flows = context.getBean(FlowRepositoryInterface.class);
        commands = dispatch(ExecutionCommand.class);
        executionQueue = dispatch(Execution.class);
        killQueue = broadcast();
    }

    static Engine of(Version version, ApplicationContext context) {
        return new Line(context);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private <T extends io.kestra.core.queues.event.DispatchEvent> DispatchQueueInterface<T> dispatch(Class<T> type) {
        return (DispatchQueueInterface<T>) context.getBean((Argument) Argument.of(DispatchQueueInterface.class, type));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private BroadcastQueueInterface<ExecutionKilled> broadcast() {
        return (BroadcastQueueInterface<ExecutionKilled>)
            context.getBean((Argument) Argument.of(BroadcastQueueInterface.class, ExecutionKilled.class));
    }

    @Override
    public void start() {
        TestRunner runner = context.getBean(TestRunner.class);
        runner.setSchedulerEnabled(true);
        runner.setWorkerEnabled(true);
        runner.run();
    }

    @Override
    public int saveFlow(String source) throws Exception {
        GenericFlow flow = GenericFlow.fromYaml(TENANT, source);
        Optional<Flow> previous = flows.findById(TENANT, flow.getNamespace(), flow.getId());
        FlowWithSource saved = previous.isPresent() ? flowService.update(flow, previous.get()) : flowService.create(flow);
        return saved.getRevision();
    }

    @Override
    public void deleteFlow(FlowName name) {
        flowService.delete(flows.findByIdWithSource(TENANT, name.namespace(), name.id()).orElseThrow());
    }

    @Override
    public void trigger(
        FlowName name, Map<String, Object> inputs, Optional<Instant> scheduleDate, Consumer<String> named)
        throws Exception {
        Flow flow = flows.findById(TENANT, name.namespace(), name.id()).orElseThrow();
        String id = IdUtils.create();
        Create create = Create.of(new ExecutionId(TENANT, name.namespace(), name.id(), id, flow.getRevision()));
        if (!inputs.isEmpty()) {
            create = create.withInputs(
                context.getBean(FlowInputOutput.class).readExecutionInputs(flow, id, inputs));
        }
        if (scheduleDate.isPresent()) {
            create = create.withScheduleDate(scheduleDate.get());
        }
        named.accept(id);
        commands.emit(create);
    }

    @Override
    public void kill(String id, boolean cascade) throws Exception {
        Execution execution = find(id);
        if (execution.getState().isTerminated() && !cascade) {
            throw new IllegalStateException("409 the execution is already finished");
        }
        killQueue.emit(ExecutionKilledExecution.builder()
            .state(ExecutionKilled.State.REQUESTED)
            .executionId(id)
            .isOnKillCascade(cascade)
            .tenantId(TENANT)
            .build());
    }

    @Override
    public void pause(String id) throws Exception {
        Execution execution = find(id);
        if (!execution.getState().isRunning()) {
            throw new IllegalStateException("409 the execution is not running");
        }
        commands.emit(Pause.from(execution));
    }

    @Override
    public void resume(String id) throws Exception {
        Execution execution = executionService.getExecutionIfPause(TENANT, id, true);
        commands.emit(Resume.from(execution, io.kestra.plugin.core.flow.Pause.Resumed.now()));
    }

    @Override
    public void restart(String id) throws Exception {
        Execution execution = find(id);
        if (!execution.getState().canBeRestarted()) {
            throw new IllegalStateException("409 an execution in " + execution.getState().getCurrent() + " cannot be restarted");
        }
        commands.emit(Restart.from(execution, null));
    }

    @Override
    public void replay(String id, Optional<String> task, Consumer<String> named) throws Exception {
        Execution execution = find(id);
        Flow flow = flows.findById(
            TENANT, execution.getNamespace(), execution.getFlowId(), Optional.of(execution.getFlowRevision())).orElseThrow();
        Execution copy = executionService.replay(execution, flow, taskRun(execution, task), null, Optional.empty());
        named.accept(copy.getId());
        executionQueue.emit(copy);
    }

    private static String taskRun(Execution execution, Optional<String> task) {
        return task.map(name -> execution.getTaskRunList().stream()
            .filter(run -> run.getTaskId().equals(name)).findFirst().orElseThrow().getId()).orElse(null);
    }

    @Override
    public void forceRun(String id) throws Exception {
        commands.emit(ForceRun.from(find(id)));
    }

    @Override
    public void unqueue(String id, String state) throws Exception {
        Execution execution = find(id);
        if (!execution.getState().isQueued()) {
            throw new IllegalStateException("409 only queued executions can be unqueued");
        }
        commands.emit(Unqueue.from(execution, State.Type.valueOf(state)));
    }

    @Override
    public void changeStatus(String id, String state) throws Exception {
        Execution execution = find(id);
        if (!execution.getState().canChangeStatus()) {
            throw new IllegalStateException("409 the status of an execution in "
                + execution.getState().getCurrent() + " cannot be changed");
        }
        commands.emit(UpdateStatus.from(execution, State.Type.valueOf(state)));
    }

    @Override
    public void delete(String id) throws Exception {
        executionService.delete(find(id), true, true, true);
    }

    @Override
    public int purge(FlowName name, List<String> states, Optional<Instant> end) throws Exception {
        return executionService.purge(
            true, true, true, true, TENANT, name.namespace(), name.id(), null,
            end.map(date -> date.atZone(ZoneOffset.UTC)).orElse(null),
            states.stream().map(State.Type::valueOf).toList(), PURGE_BATCH).getExecutionsCount();
    }

    @Override
    public void setCounter(FlowName name, int running) {
        ConcurrencyLimitRepositoryInterface limits = context.getBean(ConcurrencyLimitRepositoryInterface.class);
        ConcurrencyLimit row = limits.findById(TENANT, name.namespace(), name.id()).orElseThrow();
        limits.update(row.withRunning(running));
    }

    private Execution find(String id) {
        return executions.findById(TENANT, id)
            .orElseThrow(() -> new IllegalStateException("404 no such execution"));
    }

    @Override
    public void close() {
        context.close();
    }
}
