package flowconc.engine;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * Short names for execution ids. The script names what it triggers; what the engine makes by itself
 * (schedules, subflows, retries, loop iterations) is named {@code FLOW~N} in order of discovery.
 */
final class Names {

    private final Map<String, String> nameOfId = new LinkedHashMap<>();
    private final Map<String, String> idOfName = new HashMap<>();
    private final Map<String, Integer> discovered = new HashMap<>();

    synchronized void put(String id, String name) {
        nameOfId.put(id, name);
        idOfName.put(name, id);
    }

    synchronized String discover(String id, String flow) {
        String known = nameOfId.get(id);
        if (known != null) {
            return known;
        }
        String name = flow + "~" + discovered.merge(flow, 1, Integer::sum);
        put(id, name);
        return name;
    }

    /** The name of an id, or the id itself when it has none. */
    synchronized String of(String id) {
        return nameOfId.getOrDefault(id, id);
    }

    synchronized String id(String name) {
        String id = idOfName.get(name);
        if (id == null) {
            throw new NoSuchElementException("no execution named " + name);
        }
        return id;
    }
}
