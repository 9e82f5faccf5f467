package flowconc.engine;

import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A Kestra server without its web server: one process, H2 in memory, storage in a temporary folder. */
final class Server {

    private Server() {
    }

    static ApplicationContext start(Version version, String url, Map<String, Object> more) throws IOException {
        Map<String, Object> properties = new HashMap<>(shared(url));
        if (version.meets("<2.0")) {
            properties.putAll(untilOne());
        } else {
            properties.putAll(fromTwo());
        }
        if (version.meets("<1.0")) {
            properties.put("kestra.jdbc.queues.min-poll-interval", "25ms");
            properties.put("kestra.jdbc.queues.max-poll-interval", "1000ms");
            properties.put("kestra.jdbc.queues.poll-switch-interval", "5s");
        }
        properties.putAll(more);
        return ApplicationContext.builder()
            .deduceEnvironment(false)
            .environments("test")
            .properties(properties)
            .start();
    }

    private static Map<String, Object> shared(String url) throws IOException {
        Path folder = Files.createTempDirectory("recorder");
        Map<String, Object> properties = new HashMap<>();
        properties.put("kestra.server-type", "STANDALONE");
        properties.put("kestra.repository.type", "h2");
        properties.put("kestra.queue.type", "h2");
        properties.put("kestra.storage.type", "local");
        properties.put("kestra.storage.local.base-path", folder.resolve("storage").toString());
        properties.put("kestra.tasks.tmp-dir.path", folder.resolve("tasks").toString());
        properties.put("kestra.anonymous-usage-report.enabled", "false");
        properties.put("kestra.tutorial-flows.enabled", "false");
        properties.put("kestra.server.service.purge.initial-delay", "1h");
        properties.put("kestra.server.service.purge.fixed-delay", "1d");
        properties.put("kestra.server.service.purge.retention", "30d");
        properties.put("micronaut.metrics.export.otlp.enabled", "false");
        properties.put("datasources.h2.url", url);
        properties.put("datasources.h2.username", "sa");
        properties.put("datasources.h2.password", "");
        properties.put("datasources.h2.driver-class-name", "org.h2.Driver");
        properties.put("datasources.h2.maximum-pool-size", "30");
        return properties;
    }

    private static Map<String, Object> untilOne() {
        return Map.ofEntries(
            Map.entry("kestra.anonymous-usage-report.initial-delay", "24h"),
            Map.entry("kestra.anonymous-usage-report.fixed-delay", "24h"),
            Map.entry("kestra.jdbc.cleaner.initial-delay", "1h"),
            Map.entry("kestra.jdbc.cleaner.fixed-delay", "1h"),
            Map.entry("kestra.jdbc.cleaner.retention", "7d"),
            Map.entry("kestra.environment.name", "recorder"),
            Map.entry("flyway.datasources.h2.enabled", "true"),
            Map.entry("flyway.datasources.h2.locations", "classpath:migrations/h2"),
            Map.entry("flyway.datasources.h2.ignore-migration-patterns", "*:missing,*:future"),
            Map.entry("flyway.datasources.h2.out-of-order", "true"));
    }

    private static Map<String, Object> fromTwo() throws IOException {
        int port;
        try (ServerSocket probe = new ServerSocket(0)) {
            port = probe.getLocalPort();
        }
        return Map.of(
            "kestra.controller.port", port,
            "kestra.worker.controllers.type", "STATIC",
            "kestra.worker.controllers.static.endpoints[0].host", "localhost",
            "kestra.worker.controllers.static.endpoints[0].port", port);
    }
}
