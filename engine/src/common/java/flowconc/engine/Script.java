package flowconc.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.Yaml;

/**
 * Flows and timed operations. A line that ends in {@code # only: CONDITION} counts only for the
 * versions that meet the condition. Times are seconds since the start.
 */
record Script(
    String name,
    String title,
    double horizonS,
    double minS,
    double quietS,
    int warmup,
    Optional<String> versions,
    Map<String, Object> properties,
    List<String> flows,
    List<Op> ops) {

    private static final Pattern ONLY = Pattern.compile("^(.*?)\\s*# only: (\\S+)\\s*$");

    /** One operation; {@code arguments} holds everything but {@code at} and {@code op}. */
    record Op(double atS, String kind, Map<String, Object> arguments) {

        String text(String key) {
            Object value = arguments.get(key);
            if (value == null) {
                throw new IllegalArgumentException(kind + " at " + atS + " s: " + key + " is missing");
            }
            return value.toString();
        }

        Optional<String> optional(String key) {
            return Optional.ofNullable(arguments.get(key)).map(Object::toString);
        }

        Optional<Double> seconds(String key) {
            return Optional.ofNullable(arguments.get(key)).map(value -> ((Number) value).doubleValue());
        }

        @SuppressWarnings("unchecked")
        Map<String, Object> map(String key) {
            return (Map<String, Object>) arguments.getOrDefault(key, Map.of());
        }

        List<String> list(String key) {
            return ((List<?>) arguments.getOrDefault(key, List.of())).stream().map(Object::toString).toList();
        }
    }

    @SuppressWarnings("unchecked")
    static Script read(Path path, Version version) throws Exception {
        String source = Files.readAllLines(path).stream()
            .flatMap(line -> lineFor(version, line).stream())
            .collect(Collectors.joining("\n"));
        Map<String, Object> document = new Yaml().load(source);
        List<Op> ops = new ArrayList<>();
        for (Map<String, Object> item : (List<Map<String, Object>>) document.get("ops")) {
            ops.addAll(expand(item));
        }
        ops.sort(Comparator.comparingDouble(Op::atS));
        return new Script(
            path.getFileName().toString(),
            document.get("title").toString(),
            number(document, "horizon", 40),
            number(document, "min", 0),
            number(document, "quiet", 2),
            (int) number(document, "warmup", 5),
            Optional.ofNullable((String) document.get("versions")),
            (Map<String, Object>) document.getOrDefault("properties", Map.of()),
            (List<String>) document.get("flows"),
            ops);
    }

    private static Optional<String> lineFor(Version version, String line) {
        Matcher only = ONLY.matcher(line);
        if (!only.matches()) {
            return Optional.of(line);
        }
        return version.meets(only.group(2)) ? Optional.of(only.group(1)) : Optional.empty();
    }

    private static double number(Map<String, Object> map, String key, double otherwise) {
        return map.get(key) instanceof Number value ? value.doubleValue() : otherwise;
    }

    /** {@code count: 3, every: 0.2, as: e} stands for three operations named e1, e2, e3. */
    private static List<Op> expand(Map<String, Object> item) {
        Map<String, Object> arguments = new HashMap<>(item);
        double at = number(item, "at", 0);
        String kind = arguments.remove("op").toString();
        arguments.remove("at");
        if (!arguments.containsKey("count")) {
            return List.of(new Op(at, kind, arguments));
        }
        int count = (int) number(item, "count", 1);
        double every = number(item, "every", 0);
        List<Op> ops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map<String, Object> one = new HashMap<>(arguments);
            one.put("as", item.get("as").toString() + (i + 1));
            ops.add(new Op(at + i * every, kind, one));
        }
        return ops;
    }
}
