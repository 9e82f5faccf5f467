package flowconc.engine;

import java.util.Arrays;

/** A version of Kestra, and the conditions of scripts on it ({@code >=1.3}, {@code <2.0}). */
record Version(int[] parts, String text) {

    static Version parse(String text) {
        return new Version(Arrays.stream(text.split("\\.")).mapToInt(Integer::parseInt).toArray(), text);
    }

    boolean meets(String condition) {
        String wanted = condition.strip();
        if (wanted.startsWith(">=")) {
            return compare(parse(wanted.substring(2).strip())) >= 0;
        }
        if (wanted.startsWith("<")) {
            return compare(parse(wanted.substring(1).strip())) < 0;
        }
        throw new IllegalArgumentException("expected >=VERSION or <VERSION, found " + condition);
    }

    private int compare(Version other) {
        for (int i = 0; i < Math.max(parts.length, other.parts.length); i++) {
            int mine = i < parts.length ? parts[i] : 0;
            int theirs = i < other.parts.length ? other.parts[i] : 0;
            if (mine != theirs) {
                return Integer.compare(mine, theirs);
            }
        }
        return 0;
    }
}
