package flowconc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Polls the engine's tables through a connection of its own and records what changed.
 *
 * <p>A change is visible only once its transaction has committed. State times are the engine's own,
 * from the stored history; counter and queue times are those of the poll.
 */
final class Observer implements Runnable {

    static final String WARMUP_NAMESPACE = "warm";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PERIOD_MS = 10;
    private static final Set<String> TERMINAL =
        Set.of("SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED", "SKIPPED", "RESUBMITTED");

    /** The latest stored form of an execution. */
    private static final class Row {
        String text;
        JsonNode value;
        List<Entry> history = List.of();
        boolean gone;
    }

    private record Entry(String state, String date) {
        @Override
        public String toString() {
            return state + "@" + date;
        }
    }

    private final String url;
    private final Names names;
    private final Trace trace;
    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final Map<String, Object> counters = new HashMap<>();
    private final Map<String, List<String>> queues = new HashMap<>();
    private final Map<String, List<String>> running = new HashMap<>();
    private final Set<String> tables = new HashSet<>();
    private volatile boolean stop;
    private volatile double lastChangeMs;
    private long polls;
    private long pollNanos;

    Observer(String url, Names names, Trace trace) {
        this.url = url;
        this.names = names;
        this.trace = trace;
    }

    @Override
    public void run() {
        try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
            findTables(connection);
            while (!stop) {
                long began = System.nanoTime();
                poll(connection);
                pollNanos += System.nanoTime() - began;
                polls++;
                Thread.sleep(PERIOD_MS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (SQLException | RuntimeException broken) {
            Map<String, Object> line = Trace.line(trace.now(), "log");
            line.put("level", "ERROR");
            line.put("logger", "Observer");
            line.put("message", "the observer stopped: " + broken);
            trace.add(line);
        }
    }

    void finish() {
        stop = true;
    }

    /** Milliseconds since the start at which the last change was seen. */
    double lastChangeMs() {
        return lastChangeMs;
    }

    /** Ids of the executions that have not ended, oldest first. */
    synchronized List<String> live() {
        return rows.entrySet().stream()
            .filter(entry -> !entry.getValue().gone && !isOver(entry.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    }

    /** Whether every execution and every task run (afterExecution, too) has ended. */
    synchronized boolean isQuiet() {
        return rows.values().stream().allMatch(row -> row.gone || (isOver(row) && tasksAreOver(row)));
    }

    private static boolean isOver(Row row) {
        return TERMINAL.contains(row.value.path("state").path("current").asText());
    }

    private static boolean tasksAreOver(Row row) {
        for (JsonNode task : row.value.path("taskRunList")) {
            if (!TERMINAL.contains(task.path("state").path("current").asText())) {
                return false;
            }
        }
        return true;
    }

    private void findTables(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
             ResultSet result = statement.executeQuery("SELECT table_name FROM information_schema.tables")) {
            while (result.next()) {
                tables.add(result.getString(1).toLowerCase(Locale.ROOT));
            }
        }
    }

    private synchronized void poll(Connection connection) throws SQLException {
        double now = trace.now();
        pollExecutions(connection, now);
        if (tables.contains("concurrency_limit")) {
            pollCounters(connection, now);
        }
        pollList(connection, now, "execution_queued", "queue", queues, " ORDER BY \"date\"");
        if (tables.contains("execution_running")) {
            pollList(connection, now, "execution_running", "running-rows", running, "");
        }
    }

    private void pollExecutions(Connection connection, double now) throws SQLException {
        Set<String> present = new HashSet<>();
        try (Statement statement = connection.createStatement();
             ResultSet result = statement.executeQuery("SELECT \"key\", \"value\" FROM executions")) {
            List<Row> fresh = new ArrayList<>();
            while (result.next()) {
                String id = result.getString(1);
                String text = result.getString(2);
                present.add(id);
                Row row = rows.get(id);
                if (row != null && !row.gone && text.equals(row.text)) {
                    continue;
                }
                JsonNode value = parse(text);
                if (value.path("namespace").asText().equals(WARMUP_NAMESPACE)) {
                    continue;
                }
                if (row == null) {
                    row = new Row();
                    row.text = text;
                    row.value = value;
                    fresh.add(row);
                } else {
                    update(id, row, text, value, now);
                }
            }
            // Unnamed executions are named in order of discovery; within one poll, in order of creation.
            fresh.sort((a, b) -> createdAt(a.value).compareTo(createdAt(b.value)));
            for (Row row : fresh) {
                String id = row.value.path("id").asText();
                rows.put(id, row);
                update(id, row, row.text, row.value, now);
            }
        }
        for (Map.Entry<String, Row> entry : rows.entrySet()) {
            if (!entry.getValue().gone && !present.contains(entry.getKey())) {
                markGone(entry.getKey(), entry.getValue(), now);
            }
        }
    }

    private void update(String id, Row row, String text, JsonNode value, double now) {
        String name = names.discover(id, value.path("flowId").asText());
        row.text = text;
        if (value.path("deleted").asBoolean()) {
            if (!row.gone) {
                markGone(id, row, now);
            }
            return;
        }
        row.value = value;
        List<Entry> history = history(value);
        int common = 0;
        while (common < Math.min(history.size(), row.history.size())
            && history.get(common).equals(row.history.get(common))) {
            common++;
        }
        if (row.gone) {
            row.gone = false;
            Map<String, Object> line = Trace.line(now, "reappeared");
            line.put("exec", name);
            line.put("state", value.path("state").path("current").asText());
            changed(line);
        }
        if (common < row.history.size()) {
            Map<String, Object> line = Trace.line(now, "history-rewritten");
            line.put("exec", name);
            line.put("lost", row.history.subList(common, row.history.size()).stream().map(Entry::toString).toList());
            line.put("from", common);
            changed(line);
        }
        for (int i = common; i < history.size(); i++) {
            Map<String, Object> line = Trace.line(ms(history.get(i).date()), "state");
            line.put("exec", name);
            line.put("flow", flow(value));
            line.put("state", history.get(i).state());
            line.put("i", i);
            line.put("rev", value.path("flowRevision").asInt());
            line.put("seen", now);
            changed(line);
        }
        row.history = history;
    }

    private void markGone(String id, Row row, double now) {
        row.gone = true;
        Map<String, Object> line = Trace.line(now, "gone");
        line.put("exec", names.of(id));
        line.put("last", row.value.path("state").path("current").asText());
        changed(line);
    }

    private void pollCounters(Connection connection, double now) throws SQLException {
        Map<String, Object> current = new HashMap<>();
        try (Statement statement = connection.createStatement();
             ResultSet result = statement.executeQuery("SELECT \"value\" FROM concurrency_limit")) {
            while (result.next()) {
                JsonNode value = parse(result.getString(1));
                current.put(flow(value), value.path("running").asInt());
            }
        }
        for (String flow : counters.keySet()) {
            current.putIfAbsent(flow, "absent");
        }
        current.forEach((flow, value) -> {
            if (!value.equals(counters.put(flow, value))) {
                Map<String, Object> line = Trace.line(now, "counter");
                line.put("flow", flow);
                line.put("running", value);
                changed(line);
            }
        });
    }

    private void pollList(
        Connection connection, double now, String table, String kind, Map<String, List<String>> known, String order)
        throws SQLException {
        Map<String, List<String>> current = new HashMap<>();
        known.keySet().forEach(flow -> current.put(flow, new ArrayList<>()));
        try (Statement statement = connection.createStatement();
             ResultSet result = statement.executeQuery("SELECT \"value\" FROM " + table + order)) {
            while (result.next()) {
                JsonNode value = parse(result.getString(1));
                if (value.path("namespace").asText().equals(WARMUP_NAMESPACE)) {
                    continue;
                }
                String id = value.path("executionId").asText(value.path("execution").path("id").asText());
                current.computeIfAbsent(flow(value), flow -> new ArrayList<>()).add(names.discover(id, value.path("flowId").asText()));
            }
        }
        current.forEach((flow, executions) -> {
            if (!executions.equals(known.put(flow, executions)) && !(executions.isEmpty() && known.get(flow) == null)) {
                Map<String, Object> line = Trace.line(now, kind);
                line.put("flow", flow);
                line.put("n", executions.size());
                line.put("execs", executions);
                changed(line);
            }
        });
    }

    private void changed(Map<String, Object> line) {
        lastChangeMs = trace.now();
        trace.add(line);
    }

    /** The last line of a recording. */
    synchronized Map<String, Object> summary(String ended, double endMs, List<String> refused) throws SQLException {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("kind", "summary");
        summary.put("ended", ended);
        summary.put("end_ms", endMs);
        summary.put("polls", polls);
        summary.put("mean_poll_ms", Math.round(pollNanos / 1e4 / Math.max(1, polls)) / 100.0);
        Map<String, Object> executions = new LinkedHashMap<>();
        rows.forEach((id, row) -> executions.put(names.of(id), execution(id, row)));
        summary.put("executions", executions);
        Map<String, Object> left = new LinkedHashMap<>(counters);
        left.values().removeIf("absent"::equals);
        summary.put("counters", left);
        Map<String, Object> waiting = new LinkedHashMap<>(queues);
        waiting.values().removeIf(list -> ((List<?>) list).isEmpty());
        summary.put("queues", waiting);
        summary.put("flow_logs", flowLogs());
        summary.put("refused", refused);
        return summary;
    }

    private Map<String, Object> execution(String id, Row row) {
        JsonNode value = row.value;
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("flow", flow(value));
        out.put("rev", value.path("flowRevision").asInt());
        out.put("state", value.path("state").path("current").asText());
        if (row.gone) {
            out.put("deleted", true);
        }
        text(value, "parentId").ifPresent(parent -> out.put("parent", names.of(parent)));
        text(value, "originalId").filter(original -> !original.equals(id))
            .ifPresent(original -> out.put("original", names.of(original)));
        text(value, "kind").ifPresent(kind -> out.put("kind", kind));
        text(value.path("trigger"), "id").ifPresent(trigger -> out.put("trigger", trigger));
        JsonNode variables = value.path("trigger").path("variables");
        text(variables, "executionId").ifPresent(source -> out.put("triggeredBy", names.of(source)));
        text(variables, "date").ifPresent(date -> out.put("triggerDate", ms(date)));
        text(value, "scheduleDate").ifPresent(date -> out.put("scheduleDate", ms(date)));
        if (value.has("metadata")) {
            out.put("metadata", value.path("metadata"));
        }
        out.put("history", times(value));
        List<Object> tasks = new ArrayList<>();
        for (JsonNode task : value.path("taskRunList")) {
            Map<String, Object> run = new LinkedHashMap<>();
            run.put("task", task.path("taskId").asText());
            run.put("attempts", task.path("attempts").size());
            run.put("history", times(task));
            tasks.add(run);
        }
        out.put("tasks", tasks);
        return out;
    }

    private List<Object> flowLogs() throws SQLException {
        List<Object> logs = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
             Statement statement = connection.createStatement();
             ResultSet result = statement.executeQuery("SELECT \"value\" FROM logs ORDER BY \"timestamp\"")) {
            while (result.next()) {
                JsonNode value = parse(result.getString(1));
                String level = value.path("level").asText();
                if (!Set.of("WARN", "ERROR").contains(level)
                    || value.path("namespace").asText().equals(WARMUP_NAMESPACE)) {
                    continue;
                }
                Map<String, Object> log = new LinkedHashMap<>();
                text(value, "executionId").ifPresent(id -> log.put("exec", names.of(id)));
                text(value, "taskId").ifPresent(task -> log.put("task", task));
                log.put("level", level);
                log.put("message", value.path("message").asText());
                logs.add(log);
            }
        }
        return logs;
    }

    private static java.util.Optional<String> text(JsonNode node, String key) {
        return java.util.Optional.ofNullable(node.get(key)).filter(value -> !value.isNull()).map(JsonNode::asText);
    }

    private static String flow(JsonNode value) {
        return value.path("namespace").asText() + "." + value.path("flowId").asText();
    }

    private static List<Entry> history(JsonNode value) {
        List<Entry> entries = new ArrayList<>();
        for (JsonNode entry : value.path("state").path("histories")) {
            entries.add(new Entry(entry.path("state").asText(), entry.path("date").asText()));
        }
        return entries;
    }

    private List<Object> times(JsonNode value) {
        List<Object> times = new ArrayList<>();
        for (Entry entry : history(value)) {
            times.add(List.of(entry.state(), ms(entry.date())));
        }
        return times;
    }

    private static Instant createdAt(JsonNode value) {
        List<Entry> entries = history(value);
        return entries.isEmpty() ? Instant.EPOCH : ZonedDateTime.parse(entries.getFirst().date()).toInstant();
    }

    private double ms(String date) {
        return trace.ms(ZonedDateTime.parse(date).toInstant());
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (com.fasterxml.jackson.core.JsonProcessingException broken) {
            throw new IllegalStateException("a row is not JSON", broken);
        }
    }
}
