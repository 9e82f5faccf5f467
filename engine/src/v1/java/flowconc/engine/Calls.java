package flowconc.engine;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;

/** Calls methods whose signature differs between 0.2x and 1.x: looked up by name and arguments. */
final class Calls {

    private Calls() {
    }

    static boolean has(Object target, String name, int arity) {
        return Arrays.stream(target.getClass().getMethods())
            .anyMatch(method -> method.getName().equals(name) && method.getParameterCount() == arity);
    }

    static Object call(Object target, String name, Object... arguments) throws Exception {
        Method method = Arrays.stream(target.getClass().getMethods())
            .filter(candidate -> candidate.getName().equals(name) && !candidate.isBridge() && accepts(candidate, arguments))
            .findFirst()
            .orElseThrow(() -> new NoSuchMethodException(target.getClass().getName() + "." + name));
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException failure) {
            if (failure.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw failure;
        }
    }

    private static boolean accepts(Method method, Object[] arguments) {
        Class<?>[] types = method.getParameterTypes();
        if (types.length != arguments.length) {
            return false;
        }
        for (int i = 0; i < types.length; i++) {
            Class<?> type = types[i] == int.class ? Integer.class : types[i] == boolean.class ? Boolean.class : types[i];
            if (arguments[i] != null && !type.isInstance(arguments[i])) {
                return false;
            }
        }
        return true;
    }
}
