package dev.remora.benchmarks;

import dev.remora.benchmarks.peer.Balancer;
import dev.remora.benchmarks.peer.Contender;
import dev.remora.benchmarks.peer.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs that a member comes or goes, and what the first build costs.
 *
 * <p>The workload: of a pool of {@code members} the middle one goes, or comes back, in turn. Each change is done as the
 * contender has it done: in place, by an update of what was there, or by building anew. What a contender puts off until
 * the next choice is not in it: Dubbo and Spring only keep the list, gRPC connects a member of its ring later.
 *
 * <pre>{@code
 * java -jar benchmarks/target/benchmarks.jar MembershipBenchmark -prof gc -p contender=GRPC_RING_HASH,D2_RING -p members=100
 * }</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MembershipBenchmark {

    /** The middle member goes. */
    @Benchmark
    public Object remove(WithAll pool) {
        return pool.change(pool.without);
    }

    /** The middle member comes back. */
    @Benchmark
    public Object add(WithoutOne pool) {
        return pool.change(pool.all);
    }

    /** A first build with all members. */
    @Benchmark
    public Object build(Empty pool) {
        return pool.build();
    }

    /** A pool whose membership changes. */
    @State(Scope.Thread)
    public static class Pool {
        /** Who chooses. */
        @Param
        public Contender contender = Contender.FLOOR;

        /** Among how many. */
        @Param({"10", "100", "1000"})
        public int members;

        /** Every member. */
        protected List<Member> all = List.of();

        /** Every member but the middle one. */
        protected List<Member> without = List.of();

        private Balancer balancer;

        /** Builds the pool. */
        @Setup
        public void open() {
            all = Member.first(members);
            without = new ArrayList<>(all);
            without.remove(members / 2);
            balancer = contender.open(all);
        }

        /** Ends its threads. */
        @TearDown
        public void close() {
            balancer.close();
        }

        Balancer change(List<Member> changed) {
            balancer = balancer.change(changed);
            return balancer;
        }
    }

    /** All members are there before each change. */
    public static class WithAll extends Pool {
        /** Lets the middle one come back. */
        @Setup(Level.Invocation)
        public void restore() {
            change(all);
        }
    }

    /** All but the middle one are there before each change. */
    public static class WithoutOne extends Pool {
        /** Lets the middle one go. */
        @Setup(Level.Invocation)
        public void restore() {
            change(without);
        }
    }

    /** Nothing is there before. */
    public static class Empty extends Pool {
        private @Nullable Balancer built;

        /** Ends what was built last. */
        @TearDown(Level.Invocation)
        public void discard() {
            if (built != null) {
                built.close();
            }
        }

        Balancer build() {
            Balancer fresh = contender.open(all);
            built = fresh;
            return fresh;
        }
    }
}
