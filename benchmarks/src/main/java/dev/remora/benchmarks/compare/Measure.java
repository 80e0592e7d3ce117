package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.AcquireBenchmark;
import dev.remora.benchmarks.MembershipBenchmark;
import dev.remora.benchmarks.PickBenchmark;
import dev.remora.benchmarks.peer.Contender.Kind;

/** What JMH measures. */
enum Measure {
    /** A pick without a key. */
    WITHOUT_KEY(PickBenchmark.class, "withoutKey", "contender", "members"),
    /** A pick by a hash that is ready. */
    BY_HASH(PickBenchmark.class, "byHash", "contender", "members"),
    /** A pick by a text of 24 characters. */
    BY_TEXT(PickBenchmark.class, "byText", "contender", "members"),
    /** The middle member goes. */
    REMOVE(MembershipBenchmark.class, "remove", "contender", "members"),
    /** The middle member comes back. */
    ADD(MembershipBenchmark.class, "add", "contender", "members"),
    /** The first build. */
    BUILD(MembershipBenchmark.class, "build", "contender", "members"),
    /** The whole of Remora: {@code tryAcquire} and {@code complete}. */
    ACQUIRE(AcquireBenchmark.class, "acquireAndComplete", "tiedBy", "backends");

    private final Class<?> type;
    private final String method;
    private final String subjectParameter;
    private final String sizeParameter;

    Measure(Class<?> type, String method, String subjectParameter, String sizeParameter) {
        this.type = type;
        this.method = method;
        this.subjectParameter = subjectParameter;
        this.sizeParameter = sizeParameter;
    }

    /** The first kind of choice that contenders of a kind know. */
    static Measure ofChoice(Kind kind) {
        if (kind.takesHash()) {
            return BY_HASH;
        }
        return kind.takesText() ? BY_TEXT : WITHOUT_KEY;
    }

    /** By how much longer than a picker it takes to be compiled: a whole balancer is much code. */
    int warmupFactor() {
        return this == ACQUIRE ? 10 : 1;
    }

    String benchmark() {
        return type.getName() + "." + method;
    }

    String subjectParameter() {
        return subjectParameter;
    }

    String sizeParameter() {
        return sizeParameter;
    }
}
