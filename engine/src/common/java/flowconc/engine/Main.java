package flowconc.engine;

import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** {@code Main VERSION SCRIPT.yaml OUT.jsonl}: runs one script against the engine on the class path. */
public final class Main {

    private static final String URL =
        "jdbc:h2:mem:recorder;TIME ZONE=UTC;DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=30000";
    private static final int NOT_APPLICABLE = 3;
    private static final String WARMUP_FLOW = """
        id: warm
        namespace: %s
        tasks:
          - id: one
            type: io.kestra.plugin.core.debug.Return
            format: ok
        """.formatted(Observer.WARMUP_NAMESPACE);

    private Main() {
    }

    public static void main(String[] args) {
        int status = 1;
        try {
            status = record(Version.parse(args[0]), Path.of(args[1]), Path.of(args[2]));
        } catch (Throwable failure) {
            failure.printStackTrace();
        }
        // A graceful close takes seconds and has nothing to save: the database is in memory.
        System.err.flush();
        Runtime.getRuntime().halt(status);
    }

    private static int record(Version version, Path scriptPath, Path out) throws Exception {
        Script script = Script.read(scriptPath, version);
        if (script.versions().isPresent() && !version.meets(script.versions().get())) {
            System.err.println(script.name() + " needs " + script.versions().get());
            return NOT_APPLICABLE;
        }
        long began = System.nanoTime();
        Trace trace = new Trace();
        trace.captureLogs();
        ApplicationContext context = Server.start(version, URL, script.properties());
        trace.captureLogs();
        Engine engine = Line.of(version, context);
        engine.start();
        long startupMs = (System.nanoTime() - began) / 1_000_000;
        warmUp(engine, script.warmup());

        for (String source : script.flows()) {
            engine.saveFlow(source);
        }
        trace.begin(Instant.now());
        Names names = new Names();
        Observer observer = new Observer(URL, names, trace);
        Operator operator = new Operator(script, engine, names, observer, trace);
        Thread watching = Thread.ofPlatform().name("observer").start(observer);
        Thread.ofPlatform().name("operator").daemon().start(operator);
        String ended = awaitEnd(script, trace, observer, operator);
        double endMs = trace.now();
        observer.finish();
        watching.join();

        Map<String, Object> header = new LinkedHashMap<>();
        header.put("kind", "header");
        header.put("script", script.name());
        header.put("kestra", version.text());
        header.put("java", System.getProperty("java.version"));
        header.put("startup_ms", startupMs);
        header.put("t0", trace.start().toString());
        header.put("title", script.title());
        trace.write(out, header, observer.summary(ended, endMs, operator.refused()));
        return 0;
    }

    /** Runs throw-away executions of a flow without a limit, one after the other. */
    private static void warmUp(Engine engine, int count) throws Exception {
        engine.saveFlow(WARMUP_FLOW);
        FlowName flow = new FlowName(Observer.WARMUP_NAMESPACE, "warm");
        try (Connection connection = DriverManager.getConnection(URL, "sa", "");
             Statement statement = connection.createStatement()) {
            for (int i = 1; i <= count; i++) {
                engine.trigger(flow, Map.of(), Optional.empty(), id -> { });
                await(statement, i);
            }
        }
    }

    private static void await(Statement statement, int count) throws Exception {
        Instant limit = Instant.now().plusSeconds(60);
        while (Instant.now().isBefore(limit)) {
            try (ResultSet result = statement.executeQuery(
                "SELECT count(*) FROM executions WHERE \"state_current\" = 'SUCCESS'")) {
                if (result.next() && result.getInt(1) >= count) {
                    return;
                }
            }
            Thread.sleep(20);
        }
        throw new IllegalStateException("the engine did not finish a warm-up execution within 60 s");
    }

    /** Ends {@code quiet} seconds after the last change once nothing is left to happen, or at the horizon. */
    private static String awaitEnd(Script script, Trace trace, Observer observer, Operator operator) throws Exception {
        while (trace.now() < script.horizonS() * 1000) {
            double now = trace.now();
            double lastMs = Math.max(operator.doneMs(), observer.lastChangeMs());
            if (now >= script.minS() * 1000
                && now - lastMs >= script.quietS() * 1000
                && observer.isQuiet()) {
                return "quiet";
            }
            Thread.sleep(10);
        }
        return "horizon";
    }
}
