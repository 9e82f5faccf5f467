package flowconc.engine;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.LoggerFactory;

/** Collects the lines of a recording and writes them in order of time. */
final class Trace {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Loggers whose messages say more about the machine than about the engine. */
    private static final Set<String> MACHINE = Set.of(
        "OtlpMeterRegistry", "DefaultServiceLivenessCoordinator", "PrometheusMeterRegistry", "MeterRegistry",
        "TriggerSchedulingLoop");

    private final List<Map<String, Object>> lines = new ArrayList<>();
    private volatile Instant t0 = Instant.now();

    /** A line under construction: {@code kind} first after {@code t}, then what the caller puts. */
    static Map<String, Object> line(double t, String kind) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("t", t);
        line.put("kind", kind);
        return line;
    }

    /** From now on times count from {@code start}; what the start-up logged is dropped. */
    synchronized void begin(Instant start) {
        t0 = start;
        lines.clear();
    }

    Instant start() {
        return t0;
    }

    /** Milliseconds since the start, to a tenth. */
    double ms(Instant instant) {
        return Math.round(Duration.between(t0, instant).toNanos() / 100_000.0) / 10.0;
    }

    double now() {
        return ms(Instant.now());
    }

    synchronized void add(Map<String, Object> line) {
        lines.add(line);
    }

    /** Quietens the engine's loggers and keeps its warnings and errors as lines. */
    void captureLogs() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.setLevel(Level.WARN);
        for (Logger logger : context.getLoggerList()) {
            logger.setLevel(logger == root ? Level.WARN : null);
            if (logger != root) {
                logger.detachAndStopAllAppenders();
            }
        }
        for (String name : List.of("flow", "execution", "task", "trigger")) {
            context.getLogger(name).setLevel(Level.OFF);
        }
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                keep(event);
            }
        };
        appender.setContext(context);
        appender.start();
        root.addAppender(appender);
    }

    private void keep(ILoggingEvent event) {
        String logger = event.getLoggerName().substring(event.getLoggerName().lastIndexOf('.') + 1);
        if (System.getProperty("flowconc.verbose") != null) {
            System.err.println(event.getLevel() + " " + event.getLoggerName() + " " + event.getFormattedMessage()
                + (event.getThrowableProxy() == null ? "" : " " + event.getThrowableProxy().getClassName()
                    + ": " + event.getThrowableProxy().getMessage()));
        }
        if (!event.getLevel().isGreaterOrEqual(Level.WARN) || MACHINE.contains(logger)) {
            return;
        }
        Map<String, Object> line = line(ms(Instant.ofEpochMilli(event.getTimeStamp())), "log");
        line.put("level", event.getLevel().toString());
        line.put("logger", logger);
        line.put("message", event.getFormattedMessage());
        if (event.getThrowableProxy() != null) {
            line.put("thrown", event.getThrowableProxy().getClassName() + ": " + event.getThrowableProxy().getMessage());
        }
        add(line);
    }

    /** Header, lines from {@code t = 0} on in order of time, summary. */
    synchronized void write(Path path, Map<String, Object> header, Map<String, Object> summary) throws Exception {
        List<String> text = new ArrayList<>();
        text.add(JSON.writeValueAsString(header));
        lines.sort(Comparator.comparingDouble(line -> (double) line.get("t")));
        for (Map<String, Object> line : lines) {
            if ((double) line.get("t") >= 0) {
                text.add(JSON.writeValueAsString(line));
            }
        }
        text.add(JSON.writeValueAsString(summary));
        Files.write(path, text);
    }
}
