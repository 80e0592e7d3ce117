package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.AffinityRule;
import dev.remora.affinity.StickyCookie;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.http.FakeHeaders;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.session.SessionMap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** A client whose back end has gone sends several requests at once: they agree on its new home. */
class RebindRaceTest {

    private static final int THREADS = 4;
    private static final int CLIENTS = 500;

    private final MutableBackends backends = BackendSource.mutable(backend("gone"));

    private static Backend backend(String id) {
        return Backend.of(id, "http://127.0.0.1:9001");
    }

    private void replaceTheFirst(int maxStreams) {
        for (String id : List.of("a", "b", "c", "d")) {
            backends.add(backend(id).withMaxStreams(maxStreams));
        }
        backends.remove("gone");
    }

    /** For each client, where its parallel requests went; all of them stay open until the last one is placed. */
    private static List<Set<BackendId>> homes(LoadBalancer balancer, IntFunction<FakeRequest> request)
            throws Exception {
        List<Set<BackendId>> homes = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            homes.add(ConcurrentHashMap.newKeySet());
        }
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        CyclicBarrier together = new CyclicBarrier(THREADS);
        try {
            List<Future<Boolean>> running = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                running.add(executor.submit(() -> {
                    for (int i = 0; i < CLIENTS; i++) {
                        together.await();
                        Lease lease = (Lease) balancer.acquire(request.apply(i))
                                .toCompletableFuture()
                                .join();
                        homes.get(i).add(lease.backend().id());
                        together.await();
                        lease.complete(Outcome.success());
                    }
                    return true;
                }));
            }
            for (Future<Boolean> each : running) {
                assertThat(each.get(60, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(balancer.stats().openStreams()).isZero();
        return homes;
    }

    private LoadBalancer remembering() {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(backends)
                .scheduler(new FakeTime())
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(SessionMap.local(CLIENTS, Duration.ofHours(1)))
                .build();
        for (int i = 0; i < CLIENTS; i++) {
            ((Lease) balancer.tryAcquire(session(i))).complete(Outcome.success());
        }
        return balancer;
    }

    private static FakeRequest session(int client) {
        return FakeRequest.get("/").header("X-Session-Id", "s" + client);
    }

    @Test
    void byCookieAllAgree() throws Exception {
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(backends)
                .scheduler(new FakeTime())
                .stickyCookie(StickyCookie.signedWith("0123456789abcdef".getBytes(StandardCharsets.US_ASCII)))
                .build();
        List<String> cookies = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
            FakeHeaders headers = new FakeHeaders();
            lease.responseStarted(new FakeResponse(200)).applyTo(headers);
            String cookie = headers.values("set-cookie").get(0);
            cookies.add(cookie.substring(0, cookie.indexOf(';')));
            lease.complete(Outcome.success());
        }
        replaceTheFirst(Integer.MAX_VALUE);
        assertThat(homes(balancer, i -> FakeRequest.get("/").header("Cookie", cookies.get(i))))
                .allSatisfy(home -> assertThat(home).hasSize(1));
    }

    @Test
    void bySessionMapAllAgree() throws Exception {
        LoadBalancer balancer = remembering();
        replaceTheFirst(Integer.MAX_VALUE);
        assertThat(homes(balancer, RebindRaceTest::session))
                .allSatisfy(home -> assertThat(home).hasSize(1));
    }

    @Test
    void aHomeThatFillsUpSendsTheRestElsewhereAndTheTieStaysOne() throws Exception {
        LoadBalancer balancer = remembering();
        replaceTheFirst(2);
        assertThat(homes(balancer, RebindRaceTest::session))
                .as("four requests need two back ends of two places each, at least")
                .allSatisfy(home -> assertThat(home).hasSizeGreaterThan(1));
        for (int i = 0; i < CLIENTS; i++) {
            Lease one = (Lease) balancer.tryAcquire(session(i));
            Lease two = (Lease) balancer.tryAcquire(session(i));
            assertThat(two.backend().id()).isEqualTo(one.backend().id());
            assertThat(two.reason()).isEqualTo(PickReason.STICKY);
            one.complete(Outcome.success());
            two.complete(Outcome.success());
        }
    }
}
