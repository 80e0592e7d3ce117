package dev.remora.benchmarks;

import dev.remora.benchmarks.peer.Balancer;
import dev.remora.benchmarks.peer.Chooser;
import dev.remora.benchmarks.peer.Contender;
import dev.remora.benchmarks.peer.Keys;
import dev.remora.benchmarks.peer.Member;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * The choice alone: every picker of Remora beside the peers, and the floor under them.
 *
 * <p>The workload: a pool of {@code members} in which about eight streams stay open on each, where the contender counts
 * streams; 16,384 keys that were made beforehand are taken in turn. All threads share the pool; each has a chooser of its
 * own. A fork runs one contender, so that nothing is slow only because others were run before it. Not in it: what is done
 * with the choice, such as counting a stream.
 *
 * <p>The floor is the contender {@code FLOOR}. A contender that does not know the kind of choice fails its set-up.
 *
 * <pre>{@code
 * java -jar benchmarks/target/benchmarks.jar PickBenchmark.byHash -prof gc -p contender=FLOOR,GRPC_RING_HASH,HASH4J_JUMP_BACK
 * java -jar benchmarks/target/benchmarks.jar PickBenchmark.withoutKey -prof gc -t 2 -p contender=FLOOR,GRPC_LEAST_REQUEST
 * }</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PickBenchmark {

    /** For a request without a key. */
    @Benchmark
    public int withoutKey(Caller caller) {
        return caller.chooser.withoutKey();
    }

    /** For a request whose key is a hash, or the client's address, that is ready. */
    @Benchmark
    public int byHash(Caller caller) {
        return caller.chooser.byHash(caller.next++ & Pool.LAST_KEY);
    }

    /** For a request whose key is a text of 24 characters. */
    @Benchmark
    public int byText(Caller caller) {
        return caller.chooser.byText(caller.next++ & Pool.LAST_KEY);
    }

    /** The pool that all threads share. */
    @State(Scope.Benchmark)
    public static class Pool {
        private static final int KEYS = 1 << 14;
        private static final int LAST_KEY = KEYS - 1;
        private static final int STANDING_STREAMS_PER_MEMBER = 8;
        private static final long SEED = 20_261_122;

        /** Who chooses. */
        @Param
        public Contender contender = Contender.FLOOR;

        /** Among how many. */
        @Param({"10", "100", "1000"})
        public int members;

        private Balancer balancer;
        private Keys keys;

        /** Fills the pool. */
        @Setup
        public void open() {
            keys = new Keys(KEYS, SEED);
            balancer = contender.open(Member.first(members));
            if (contender.kind().countsStreams()) {
                Chooser chooser = balancer.chooser(keys);
                for (int i = 0; i < members * STANDING_STREAMS_PER_MEMBER; i++) {
                    chooser.open(i & LAST_KEY);
                }
            }
        }

        /** Ends its threads. */
        @TearDown
        public void close() {
            balancer.close();
        }
    }

    /** One thread, and its place in the row of keys. */
    @State(Scope.Thread)
    public static class Caller {
        private Chooser chooser;
        private int next;

        /** Starts each thread at another place. */
        @Setup
        public void open(Pool pool, ThreadParams thread) {
            chooser = pool.balancer.chooser(pool.keys);
            next = Pool.KEYS / thread.getThreadCount() * thread.getThreadIndex();
        }
    }
}
