package flowconc.engine;

/** Namespace and id of a flow, written {@code namespace.id} in scripts and traces. */
record FlowName(String namespace, String id) {

    static FlowName parse(String text) {
        int dot = text.lastIndexOf('.');
        if (dot < 1) {
            throw new IllegalArgumentException("expected namespace.flow, found " + text);
        }
        return new FlowName(text.substring(0, dot), text.substring(dot + 1));
    }

    @Override
    public String toString() {
        return namespace + "." + id;
    }
}
