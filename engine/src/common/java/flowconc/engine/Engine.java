package flowconc.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the API of a Kestra server does to executions and flows, without the web server.
 *
 * <p>One implementation per line of versions ({@code src/v1}, {@code src/v2}). Every method restates
 * the guard of the server's own controller where it has one and throws {@link IllegalStateException}
 * ("404 ...", "409 ...") where the server would answer so.
 */
interface Engine extends AutoCloseable {

    /** Starts executor, scheduler and worker; returns when they run. */
    void start() throws Exception;

    /** Saves a flow from its source; returns the revision. */
    int saveFlow(String source) throws Exception;

    void deleteFlow(FlowName flow) throws Exception;

    /** Asks for an execution of the flow's latest revision; tells its id before the engine can know it. */
    void trigger(FlowName flow, Map<String, Object> inputs, Optional<Instant> scheduleDate, Consumer<String> id)
        throws Exception;

    void kill(String id, boolean cascade) throws Exception;

    void pause(String id) throws Exception;

    void resume(String id) throws Exception;

    void restart(String id) throws Exception;

    /** Replays from a task run (of the given task), or from the start; tells the new id as {@code trigger} does. */
    void replay(String id, Optional<String> task, Consumer<String> newId) throws Exception;

    void forceRun(String id) throws Exception;

    void unqueue(String id, String state) throws Exception;

    void changeStatus(String id, String state) throws Exception;

    void delete(String id) throws Exception;

    /** Purges the flow's executions in these states; returns how many. */
    int purge(FlowName flow, List<String> states, Optional<Instant> end) throws Exception;

    void setCounter(FlowName flow, int running) throws Exception;
}
