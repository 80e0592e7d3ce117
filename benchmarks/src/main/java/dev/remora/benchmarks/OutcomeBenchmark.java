package dev.remora.benchmarks;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.health.HealthMonitor;
import dev.remora.health.HealthPolicy;
import dev.remora.health.HealthTracker;
import dev.remora.health.HealthTracker.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to record how a stream went: the step of the health policy alone, with the time passed in.
 *
 * <p>The workload: ten members, of which the next one in turn is told that a response began with status 200, that its
 * stream ended well, or that a stream ended before any response ({@link #ended} with the failure of one in 100 streams).
 * Nothing is ejected, and all signs are watched.
 *
 * <p>The floor is the policy {@code NONE}: the turn and the call.
 *
 * <pre>{@code
 * java -jar benchmarks/target/benchmarks.jar OutcomeBenchmark -prof gc
 * java -jar benchmarks/target/benchmarks.jar OutcomeBenchmark -prof gc -t 2
 * }</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class OutcomeBenchmark {

    private static final int FAILURES_IN = 100;
    private static final Outcome REFUSED = Outcome.failure(FailureKind.CONNECT);

    /** A good response head. */
    @Benchmark
    public void responded(Pool pool, Place place) {
        pool.members[place.next()].responded(200, false, place.nanos());
    }

    /** The good end of a stream whose head was good. */
    @Benchmark
    public void ended(Pool pool, Place place) {
        pool.members[place.next()].ended(Outcome.success(), Verdict.GOOD, place.nanos());
    }

    /** Both of them, and one stream in 100 that gets no connection instead. */
    @Benchmark
    public void streamsOfWhichSomeFail(Pool pool, Place place) {
        HealthTracker member = pool.members[place.next()];
        if (place.turn % FAILURES_IN == 0) {
            member.ended(REFUSED, Verdict.NONE, place.nanos());
        } else {
            member.responded(200, false, place.nanos());
            member.ended(Outcome.success(), Verdict.GOOD, place.nanos());
        }
    }

    /** Who records. */
    public enum Recorder {
        /** The floor. */
        NONE,
        /** As nginx. */
        MAX_FAILS,
        /** With its defaults, under which all signs are watched. */
        OUTLIER_DETECTION;

        private HealthPolicy policy() {
            return switch (this) {
                case NONE -> HealthPolicy.none();
                case MAX_FAILS -> HealthPolicy.maxFails(3, Duration.ofSeconds(10));
                case OUTLIER_DETECTION -> HealthPolicy.outlierDetection();
            };
        }
    }

    /** The members that all threads share. */
    @State(Scope.Benchmark)
    public static class Pool {
        static final int MEMBERS = 10;

        /** The policy. */
        @Param
        public Recorder recorder = Recorder.NONE;

        HealthTracker[] members = {};

        /** Makes the members. */
        @Setup
        public void open() {
            HealthMonitor monitor = recorder.policy().monitor(new Random(1));
            members = Stream.generate(monitor::tracker).limit(MEMBERS).toArray(HealthTracker[]::new);
            monitor.members(List.of(members));
        }
    }

    /** One thread, and whose turn it is. */
    @State(Scope.Thread)
    public static class Place {
        private int turn;
        private int member;

        int next() {
            turn++;
            member = member + 1 == Pool.MEMBERS ? 0 : member + 1;
            return member;
        }

        // A microsecond for each call.
        long nanos() {
            return turn * 1_000L;
        }
    }
}
