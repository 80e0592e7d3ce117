package dev.remora.benchmarks;

import dev.remora.Lease;
import dev.remora.exchange.Outcome;
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
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * The whole of a pick: from a request to its lease, and the end of the lease.
 *
 * <p>The workload: 16,384 requests made beforehand, each of a client of its own, are taken in turn; each one is given to
 * {@link dev.remora.LoadBalancer#tryAcquire} and its lease is completed at once as a success. Every client is known: it
 * brings its cookie, or the session map remembers it. Eight other streams stay open on each back end. Not in it: what a
 * platform's own headers cost, the response (where a new cookie would be signed), guards, listeners, probes.
 *
 * <p>With {@code UNSEEN_COOKIE} there are 262,144 clients, so many that nearly every signature has to be checked.
 *
 * <p>The floors: {@link #nextRequest} is the loop with nothing in it, {@link #readClock} is one reading of the clock,
 * which every pick pays twice.
 *
 * <p>With more than one thread, {@code -p sharing=SHARED} lets all of them meet in one balancer, as the event loops of a
 * gateway do, and {@code -p sharing=PER_THREAD} gives each one its own: the difference is what sharing costs.
 *
 * <pre>{@code
 * java -jar benchmarks/target/benchmarks.jar AcquireBenchmark -prof gc
 * java -jar benchmarks/target/benchmarks.jar AcquireBenchmark -prof gc -t 2 -p sharing=SHARED,PER_THREAD
 * }</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AcquireBenchmark {

    /** A floor: the loop, and the next request in turn. */
    @Benchmark
    public Object nextRequest(Queue queue) {
        return queue.pool.request(queue.next++);
    }

    /** A floor: one reading of the clock. */
    @Benchmark
    public long readClock() {
        return System.nanoTime();
    }

    /** A pick from beginning to end. */
    @Benchmark
    public boolean acquireAndComplete(Caller caller, Blackhole blackhole) {
        Lease lease = caller.pool.acquire(caller.pool.request(caller.next++));
        // An adapter keeps the lease elsewhere while the stream is open, so it may not live in registers here.
        blackhole.consume(lease);
        return lease.complete(Outcome.success());
    }

    /** Whether the threads share a balancer. */
    public enum Sharing {
        /** One balancer for all threads. */
        SHARED,
        /** One for each. */
        PER_THREAD
    }

    /** The balancer of all threads. */
    @State(Scope.Benchmark)
    public static class Shared {
        /** How many back ends there are. */
        @Param({"3", "100"})
        public int backends;

        /** What ties clients to them. */
        @Param
        public TiedBy tiedBy = TiedBy.NOTHING;

        /** Whether this pool is used by all threads. */
        @Param("SHARED")
        public Sharing sharing = Sharing.SHARED;

        private BusyPool pool;

        /** Builds the pool. */
        @Setup
        public void open() {
            pool = new BusyPool(tiedBy, backends);
        }

        /** Checks that every stream has ended. */
        @TearDown
        public void close() {
            pool.close();
        }

        private BusyPool own() {
            return sharing == Sharing.SHARED ? pool : new BusyPool(tiedBy, backends);
        }
    }

    /** One thread: its pool, and its place in the row of requests. */
    @State(Scope.Thread)
    public static class Caller {
        private BusyPool pool;
        private int next;

        /** Starts each thread at another place. */
        @Setup
        public void open(Shared shared, ThreadParams thread) {
            pool = shared.own();
            next = TiedBy.REQUESTS / thread.getThreadCount() * thread.getThreadIndex();
        }

        /** Checks that every stream has ended. */
        @TearDown
        public void close(Shared shared) {
            if (pool != shared.pool) {
                pool.close();
            }
        }
    }

    /** The row of requests alone. */
    @State(Scope.Thread)
    public static class Queue {
        private BusyPool pool;
        private int next;

        /** Makes the requests. */
        @Setup
        public void open() {
            pool = new BusyPool(TiedBy.NOTHING, 3);
        }

        /** Closes the pool that they were made for. */
        @TearDown
        public void close() {
            pool.close();
        }
    }
}
