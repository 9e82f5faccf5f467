package flowconc.engine;

import flowconc.engine.Script.Op;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Performs the operations of a script at their times, one after the other, and records each. */
final class Operator implements Runnable {

    private final Script script;
    private final Engine engine;
    private final Names names;
    private final Observer observer;
    private final Trace trace;
    private final List<String> refused = new ArrayList<>();
    private volatile double doneMs = Double.POSITIVE_INFINITY;

    Operator(Script script, Engine engine, Names names, Observer observer, Trace trace) {
        this.script = script;
        this.engine = engine;
        this.names = names;
        this.observer = observer;
        this.trace = trace;
    }

    @Override
    public void run() {
        try {
            for (Op op : script.ops()) {
                Duration wait = Duration.between(Instant.now(), trace.start().plusNanos((long) (op.atS() * 1e9)));
                if (wait.isPositive()) {
                    Thread.sleep(wait);
                }
                perform(op);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            doneMs = trace.now();
        }
    }

    /** Milliseconds since the start at which the last operation returned; infinite until then. */
    double doneMs() {
        return doneMs;
    }

    /** What was answered with an error, as {@code op execution: error}. */
    synchronized List<String> refused() {
        return List.copyOf(refused);
    }

    private void perform(Op op) {
        Map<String, Object> line = Trace.line(trace.now(), "op");
        line.put("op", op.kind());
        String subject = op.kind().equals("trigger") ? op.text("as") : op.optional("exec").orElse(null);
        if (subject != null) {
            line.put("exec", subject);
        }
        op.optional("flow").ifPresent(flow -> line.put("flow", flow));
        op.optional("state").ifPresent(state -> line.put("state", state));
        try {
            dispatch(op).ifPresent(info -> line.put("info", info));
        } catch (Exception error) {
            String text = error.getClass().getSimpleName() + ": " + error.getMessage();
            line.put("error", text);
            synchronized (this) {
                refused.add(op.kind() + " " + subject + ": " + text);
            }
        }
        line.put("done", trace.now());
        trace.add(line);
    }

    private Optional<String> dispatch(Op op) throws Exception {
        switch (op.kind()) {
            case "note" -> {
                return op.optional("text");
            }
            case "trigger" -> engine.trigger(
                FlowName.parse(op.text("flow")),
                op.map("inputs"),
                op.seconds("scheduleIn").map(seconds -> Instant.now().plusNanos((long) (seconds * 1e9))),
                id -> names.put(id, op.text("as")));
            case "kill" -> engine.kill(id(op), op.optional("cascade").map(Boolean::valueOf).orElse(true));
            case "kill-all" -> {
                for (String live : observer.live()) {
                    engine.kill(live, true);
                }
            }
            case "pause" -> engine.pause(id(op));
            case "resume" -> engine.resume(id(op));
            case "restart" -> engine.restart(id(op));
            case "replay" -> engine.replay(id(op), op.optional("task"), id -> names.put(id, op.text("as")));
            case "force-run" -> engine.forceRun(id(op));
            case "unqueue" -> engine.unqueue(id(op), op.text("state"));
            case "change-status" -> engine.changeStatus(id(op), op.text("state"));
            case "delete" -> engine.delete(id(op));
            case "purge" -> {
                Optional<Instant> end = op.arguments().containsKey("noEnd") ? Optional.empty() : Optional.of(Instant.now());
                return Optional.of("purged " + engine.purge(FlowName.parse(op.text("flow")), op.list("states"), end));
            }
            case "set-counter" -> engine.setCounter(
                FlowName.parse(op.text("flow")), (int) op.seconds("running").orElseThrow().doubleValue());
            case "save-flow" -> {
                return Optional.of("revision " + engine.saveFlow(op.text("source")));
            }
            case "delete-flow" -> engine.deleteFlow(FlowName.parse(op.text("flow")));
            default -> throw new IllegalArgumentException("no such operation: " + op.kind());
        }
        return Optional.empty();
    }

    private String id(Op op) {
        return names.id(op.text("exec"));
    }
}
