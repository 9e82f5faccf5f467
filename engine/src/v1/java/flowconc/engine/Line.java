package flowconc.engine;

import io.kestra.core.models.executions.Execution;
import io.kestra.core.models.executions.ExecutionKilled;
import io.kestra.core.models.executions.ExecutionKilledExecution;
import io.kestra.core.models.flows.Flow;
import io.kestra.core.models.flows.State;
import io.kestra.core.queues.QueueFactoryInterface;
import io.kestra.core.queues.QueueInterface;
import io.kestra.core.repositories.ExecutionRepositoryInterface;
import io.kestra.core.repositories.FlowRepositoryInterface;
import io.kestra.core.runners.FlowInputOutput;
import io.kestra.core.services.ConcurrencyLimitService;
import io.kestra.core.services.ExecutionService;
import io.kestra.core.services.FlowService;
import io.micronaut.context.ApplicationContext;
import io.micronaut.inject.qualifiers.Qualifiers;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Kestra 0.20 to 1.x: the API computes the new execution and emits it on the execution queue. */
final class Line implements Engine {

    private static final int PURGE_BATCH = 100;

    private final ApplicationContext context;
    private final String tenant;
    private final ExecutionService executionService;
    private final ExecutionRepositoryInterface executions;
    private final FlowService flowService;
    private final FlowRepositoryInterface flows;
    private final ConcurrencyLimitService limits;
    private final QueueInterface<Execution> executionQueue;
    private final QueueInterface<ExecutionKilled> killQueue;

    private Line(ApplicationContext context, String tenant) {
        this.context = context;
        this.tenant = tenant;
        executionService = context.getBean(ExecutionService.class);
        executions = context.getBean(ExecutionRepositoryInterface.class);
        flowService = context.getBean(FlowService.class);
        flows = context.getBean(FlowRepositoryInterface.class);
        limits = context.getBean(ConcurrencyLimitService.class);
        executionQueue = queue(QueueFactoryInterface.EXECUTION_NAMED);
        killQueue = queue(QueueFactoryInterface.KILL_NAMED);
    }

    /** Up to 0.22 an installation without tenants stores none; later it is the tenant {@code main}. */
    static Engine of(Version version, ApplicationContext context) {
        return new Line(context, version.meets("<0.23") ? null : "main");
    }

    @SuppressWarnings("unchecked")
    private <T> QueueInterface<T> queue(String name) {
        return (QueueInterface<T>) context.getBean(QueueInterface.class, Qualifiers.byName(name));
    }

    @Override
    public void start() throws Exception {
        Object runner = context.getBean(runnerClass());
        Calls.call(runner, "setSchedulerEnabled", true);
        Calls.call(runner, "setWorkerEnabled", true);
        Calls.call(runner, "run");
    }

    private static Class<?> runnerClass() throws ClassNotFoundException {
        try {
            return Class.forName("io.kestra.core.runners.TestRunner");
        } catch (ClassNotFoundException older) {
            return Class.forName("io.kestra.core.runners.StandAloneRunner");
        }
    }

    @Override
    public int saveFlow(String source) throws Exception {
        return flowService.importFlow(tenant, source).getRevision();
    }

    @Override
    public void deleteFlow(FlowName name) {
        flowService.delete(flows.findByIdWithSource(tenant, name.namespace(), name.id()).orElseThrow());
    }

    @Override
    public void trigger(
        FlowName name, Map<String, Object> inputs, Optional<Instant> scheduleDate, Consumer<String> named)
        throws Exception {
        Flow flow = flows.findById(tenant, name.namespace(), name.id()).orElseThrow();
        FlowInputOutput reader = context.getBean(FlowInputOutput.class);
        Execution execution = Execution.newExecution(
            flow,
            (of, created) -> reader.readExecutionInputs(of, created, inputs),
            List.of(),
            scheduleDate.map(date -> date.atZone(ZoneOffset.UTC)));
        named.accept(execution.getId());
        executionQueue.emit(execution);
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
            .tenantId(tenant)
            .build());
    }

    @Override
    public void pause(String id) throws Exception {
        executionQueue.emit(executionService.pause(find(id)));
    }

    @Override
    public void resume(String id) throws Exception {
        Execution execution = executionService.getExecutionIfPause(tenant, id, true);
        Flow flow = flows.findByExecutionWithoutAcl(execution);
        List<Object> arguments = new ArrayList<>(List.of(execution, flow, State.Type.RUNNING));
        resumedNow().ifPresent(arguments::add);
        executionQueue.emit((Execution) Calls.call(executionService, "resume", arguments.toArray()));
    }

    /** Who resumed and when: recorded from 0.24 on. */
    private static Optional<Object> resumedNow() throws Exception {
        try {
            return Optional.of(Class.forName("io.kestra.plugin.core.flow.Pause$Resumed").getMethod("now").invoke(null));
        } catch (ClassNotFoundException older) {
            return Optional.empty();
        }
    }

    @Override
    public void restart(String id) throws Exception {
        executionQueue.emit(executionService.restart(find(id), null));
    }

    @Override
    public void replay(String id, Optional<String> task, Consumer<String> named) throws Exception {
        Execution execution = find(id);
        String taskRun = task.map(name -> execution.getTaskRunList().stream()
            .filter(run -> run.getTaskId().equals(name)).findFirst().orElseThrow().getId()).orElse(null);
        Object made = Calls.has(executionService, "replay", 4)
            ? Calls.call(executionService, "replay", execution, flows.findByExecution(execution), taskRun, null)
            : Calls.call(executionService, "replay", execution, taskRun, null);
        Execution copy = (Execution) made;
        named.accept(copy.getId());
        executionQueue.emit(copy);
    }

    @Override
    public void forceRun(String id) throws Exception {
        executionQueue.emit(executionService.forceRun(find(id)));
    }

    @Override
    public void unqueue(String id, String state) throws Exception {
        boolean choosesState = Calls.has(limits, "unqueue", 2);
        if (!choosesState && !state.equals("RUNNING")) {
            throw new IllegalStateException("this version unqueues to RUNNING only");
        }
        Object unqueued = choosesState
            ? Calls.call(limits, "unqueue", find(id), State.Type.valueOf(state))
            : Calls.call(limits, "unqueue", find(id));
        executionQueue.emit((Execution) unqueued);
    }

    @Override
    public void changeStatus(String id, String state) throws Exception {
        Execution execution = find(id);
        if (!execution.getState().isTerminated()) {
            throw new IllegalStateException("409 you can only change the status of a terminated execution");
        }
        executionQueue.emit(execution.withState(State.Type.valueOf(state)));
    }

    @Override
    public void delete(String id) throws Exception {
        executionService.delete(find(id), true, true, true);
    }

    @Override
    public int purge(FlowName name, List<String> states, Optional<Instant> end) throws Exception {
        List<Object> arguments = new ArrayList<>(Arrays.asList(
            true, true, true, true, tenant, name.namespace(), name.id(), null,
            end.map(date -> date.atZone(ZoneOffset.UTC)).orElse(null),
            states.stream().map(State.Type::valueOf).toList()));
        if (!Calls.has(executionService, "purge", arguments.size())) {
            arguments.add(PURGE_BATCH);
        }
        Object result = Calls.call(executionService, "purge", arguments.toArray());
        return ((ExecutionService.PurgeResult) result).getExecutionsCount();
    }

    @Override
    public void setCounter(FlowName name, int running) throws Exception {
        if (!Calls.has(limits, "findById", 3)) {
            throw new IllegalStateException("this version has no counter API");
        }
        Optional<?> row = (Optional<?>) Calls.call(limits, "findById", tenant, name.namespace(), name.id());
        Calls.call(limits, "update", Calls.call(row.orElseThrow(), "withRunning", running));
    }

    private Execution find(String id) {
        return executions.findById(tenant, id)
            .orElseThrow(() -> new IllegalStateException("404 no such execution"));
    }

    @Override
    public void close() {
        context.close();
    }
}
