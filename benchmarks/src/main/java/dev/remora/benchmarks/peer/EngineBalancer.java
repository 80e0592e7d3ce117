package dev.remora.benchmarks.peer;

import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.Pick;
import dev.remora.affinity.AffinityRule;
import dev.remora.exchange.NanoClock;
import dev.remora.exchange.Outcome;
import dev.remora.exchange.RequestView;
import dev.remora.pool.Backend;
import dev.remora.strategy.Strategy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The whole of Remora: requests, leases, and a source that pushes lists while streams are open. */
final class EngineBalancer implements Balancer {

    private static final String SESSION_HEADER = "x-session-id";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final AtomicLong offset = new AtomicLong();
    private final LoadBalancer balancer;
    private Consumer<List<Backend>> receiver = list -> {};

    EngineBalancer(Strategy strategy, List<Member> members) {
        NanoClock clock = () -> System.nanoTime() + offset.get();
        balancer = LoadBalancer.builder()
                .strategy(strategy)
                .affinity(AffinityRule.header(SESSION_HEADER))
                .clock(clock)
                .backends(newReceiver -> {
                    receiver = newReceiver;
                    receiver.accept(backends(members));
                    return () -> {};
                })
                .build();
    }

    @Override
    public Balancer change(List<Member> members) {
        List<Backend> wanted = backends(members);
        receiver.accept(wanted);
        long start = System.nanoTime();
        while (!wanted.equals(known())) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IllegalStateException("members: " + known() + " (expected: " + wanted + ")");
            }
            Thread.onSpinWait();
        }
        return this;
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new Requesting(balancer, keys);
    }

    @Override
    public void pass(Duration time) {
        offset.addAndGet(time.toNanos());
    }

    @Override
    public void close() {
        balancer.close();
    }

    private List<Backend> known() {
        return balancer.stats().backends().stream()
                .map(stats -> stats.backend())
                .toList();
    }

    private static List<Backend> backends(List<Member> members) {
        return members.stream().map(Member::backend).toList();
    }

    private record Requesting(LoadBalancer balancer, Keys keys) implements Chooser {

        @Override
        public int withoutKey() {
            return pickAndEnd(List.of(), 0);
        }

        @Override
        public int byHash(int key) {
            return byText(key);
        }

        @Override
        public int byText(int key) {
            return pickAndEnd(List.of(keys.text(key)), key);
        }

        @Override
        public OpenStream open(int key) {
            Lease lease = acquire(List.of(keys.text(key)), key);
            return OpenStream.of(member(lease), () -> lease.complete(Outcome.success()));
        }

        private int pickAndEnd(List<String> sessions, int key) {
            Lease lease = acquire(sessions, key);
            lease.complete(Outcome.success());
            return member(lease);
        }

        private Lease acquire(List<String> sessions, int key) {
            Pick pick = balancer.tryAcquire(new Request(sessions, new InetSocketAddress(keys.address(key), 1_024)));
            if (pick instanceof Lease lease) {
                return lease;
            }
            throw new IllegalStateException("pick: " + pick + " (expected: a lease)");
        }

        private static int member(Lease lease) {
            return Member.idAt(lease.backend().port());
        }
    }

    private record Request(List<String> sessions, InetSocketAddress remoteAddress) implements RequestView {

        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String target() {
            return "/";
        }

        @Override
        public List<String> headers(String name) {
            return name.equalsIgnoreCase(SESSION_HEADER) ? sessions : List.of();
        }

        @Override
        public long headersLength() {
            return sessions.stream().mapToLong(String::length).sum();
        }

        @Override
        public boolean secure() {
            return false;
        }
    }
}
