package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.AffinityKey;
import dev.remora.affinity.AffinityRule;
import dev.remora.affinity.ForeignCookie;
import dev.remora.affinity.StickyCookie;
import dev.remora.affinity.StickyFallback;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeResponse;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.http.FakeHeaders;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.BackendSource;
import dev.remora.pool.MutableBackends;
import dev.remora.session.Binding;
import dev.remora.session.SessionMap;
import dev.remora.strategy.PickContext;
import dev.remora.strategy.Picker;
import dev.remora.strategy.Strategy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class StickinessTest {

    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final FakeTime time = new FakeTime();
    private final StickyCookie cookie = StickyCookie.signedWith(KEY);
    private final MutableBackends backends = BackendSource.mutable(
            Backend.of("a", "http://127.0.0.1:9001"),
            Backend.of("b", "http://127.0.0.1:9002"),
            Backend.of("c", "http://127.0.0.1:9003"));

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder().clock(time).scheduler(time).backends(backends);
    }

    /** What a client would send after this lease's response: its cookie header, empty when none was set. */
    private static String cookieOf(Lease lease) {
        FakeHeaders headers = new FakeHeaders();
        lease.responseStarted(new FakeResponse(200)).applyTo(headers);
        List<String> set = headers.values("set-cookie");
        return set.isEmpty() ? "" : set.get(0).substring(0, set.get(0).indexOf(';'));
    }

    private static FakeRequest with(String cookies) {
        return FakeRequest.get("/").header("Cookie", cookies);
    }

    private static String id(Pick pick) {
        return ((Lease) pick).backend().id().value();
    }

    @Test
    void aClientWithTheCookieStaysAndGetsNoOther() {
        LoadBalancer balancer = builder().stickyCookie(cookie).build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String sent = cookieOf(first);
        for (int i = 0; i < 50; i++) {
            Lease next = (Lease) balancer.tryAcquire(with("theme=dark; " + sent));
            assertThat(next.backend()).isEqualTo(first.backend());
            assertThat(next.reason()).isEqualTo(PickReason.STICKY);
            assertThat(cookieOf(next)).isEmpty();
        }
    }

    @Test
    void aForgedCutOrForeignCookieIsIgnoredAndReplaced() {
        LoadBalancer balancer = builder().stickyCookie(cookie).build();
        String good = cookieOf((Lease) balancer.tryAcquire(FakeRequest.get("/")));
        for (String bad : List.of("remora=s1", good.substring(0, good.length() - 4), good + "x", "remora=")) {
            Lease lease = (Lease) balancer.tryAcquire(with(bad));
            assertThat(lease.reason()).isEqualTo(PickReason.BALANCED);
            assertThat(id(balancer.tryAcquire(with(cookieOf(lease))))).isEqualTo(id(lease));
        }
    }

    @Test
    void theBackEndDoesNotSeeTheCookie() {
        LoadBalancer balancer = builder().stickyCookie(cookie).build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        FakeHeaders request = new FakeHeaders().with("cookie", "a=1; " + cookieOf(first) + "; b=2");
        first.requestEdits().applyTo(request);
        assertThat(request.values("cookie")).containsExactly("a=1; b=2");
    }

    @Test
    void aPreservedCookieIsSeenByTheBackEndWhichMaySetItItself() {
        LoadBalancer balancer = builder().stickyCookie(cookie.preserved()).build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        FakeHeaders request = new FakeHeaders().with("cookie", "a=1; " + cookieOf(first) + "; b=2");
        String before = request.values("cookie").get(0);
        first.requestEdits().applyTo(request);
        assertThat(request.values("cookie")).containsExactly(before);

        Lease second = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        FakeHeaders response = new FakeHeaders().with("set-cookie", "remora=; Max-Age=0");
        second.responseStarted(new FakeResponse(200).with("Set-Cookie", "remora=; Max-Age=0"))
                .applyTo(response);
        assertThat(response.values("set-cookie")).containsExactly("remora=; Max-Age=0");
    }

    @Test
    void aBackEndCannotSetOurCookie() {
        LoadBalancer balancer = builder().stickyCookie(cookie).build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String sent = cookieOf(first);
        Lease second = (Lease) balancer.tryAcquire(with(sent));
        FakeHeaders response = new FakeHeaders()
                .with("set-cookie", "remora=evil")
                .with("set-cookie", "remora2=1")
                .with("set-cookie", "theme=dark");
        second.responseStarted(new FakeResponse(200).with("Set-Cookie", "remora=evil"))
                .applyTo(response);
        List<String> set = response.values("set-cookie");
        assertThat(set).hasSize(3).endsWith("remora2=1", "theme=dark");
        String ours = set.get(0).substring(0, set.get(0).indexOf(';'));
        assertThat(id(balancer.tryAcquire(with(ours)))).as("ours in its place").isEqualTo(id(first));
    }

    @Test
    void anAnswerThatCarriesTheCookieIsNotForSharedCaches() {
        LoadBalancer balancer = builder().stickyCookie(cookie).build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/logo.png"));
        FakeHeaders response = new FakeHeaders().with("cache-control", "public, max-age=60");
        first.responseStarted(new FakeResponse(200).with("Cache-Control", "public, max-age=60"))
                .applyTo(response);
        assertThat(response.values("cache-control")).containsExactly("private, max-age=60");
        String sent = response.values("set-cookie").get(0);
        Lease second = (Lease) balancer.tryAcquire(with(sent.substring(0, sent.indexOf(';'))));
        FakeHeaders next = new FakeHeaders().with("cache-control", "public, max-age=60");
        second.responseStarted(new FakeResponse(200).with("Cache-Control", "public, max-age=60"))
                .applyTo(next);
        assertThat(next.values("cache-control")).as("no cookie, no change").containsExactly("public, max-age=60");
    }

    @Test
    void aCookieIsRefreshedOnlyWhenItIsDue() {
        Instant[] now = {Instant.parse("2026-01-02T03:04:05Z")};
        LoadBalancer balancer = builder()
                .stickyCookie(cookie.withClock(() -> now[0]).idle(Duration.ofHours(10)))
                .build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String sent = cookieOf(first);
        now[0] = now[0].plus(Duration.ofMinutes(59));
        assertThat(cookieOf((Lease) balancer.tryAcquire(with(sent)))).isEmpty();
        now[0] = now[0].plus(Duration.ofMinutes(1));
        Lease due = (Lease) balancer.tryAcquire(with(sent));
        String renewed = cookieOf(due);
        assertThat(renewed).isNotEmpty().isNotEqualTo(sent);
        assertThat(id(due)).isEqualTo(id(first));
        assertThat(cookieOf((Lease) balancer.tryAcquire(with(renewed)))).isEmpty();
    }

    @Test
    void ofTwoCookiesOfOneNameTheOneThatIsOursCounts() {
        LoadBalancer balancer = builder().stickyCookie(cookie).build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        Lease next = (Lease) balancer.tryAcquire(with("remora=s1; " + cookieOf(first)));
        assertThat(id(next)).isEqualTo(id(first));
        assertThat(next.reason()).isEqualTo(PickReason.STICKY);
    }

    @Test
    void aClientOfAnotherProxyStaysAndGetsOurCookie() {
        ForeignCookie lb = ForeignCookie.haproxy("SERVERID");
        LoadBalancer balancer = builder().stickyCookie(cookie.alsoReading(lb)).build();
        for (String server : List.of("a", "b", "c")) {
            Lease lease = (Lease) balancer.tryAcquire(with("SERVERID=" + server + "; x=1"));
            assertThat(id(lease)).isEqualTo(server);
            assertThat(lease.reason()).isEqualTo(PickReason.STICKY);
            FakeHeaders request = new FakeHeaders().with("cookie", "SERVERID=" + server + "; x=1");
            lease.requestEdits().applyTo(request);
            assertThat(request.values("cookie")).containsExactly("x=1");
            String ours = cookieOf(lease);
            assertThat(ours).startsWith("remora=");
            Lease next = (Lease) balancer.tryAcquire(with("SERVERID=other; " + ours));
            assertThat(id(next)).as("ours comes first").isEqualTo(server);
            assertThat(cookieOf(next)).isEmpty();
        }
    }

    @Test
    void parallelRequestsOfAClientOfAnotherProxyAgreeOnAnotherBackEnd() {
        LoadBalancer balancer = builder()
                .stickyCookie(cookie.alsoReading(ForeignCookie.haproxy("SERVERID")))
                .build();
        backends.drain("a");
        backends.remove("a");
        backends.add(Backend.of("a", "http://127.0.0.1:9001").withDraining(true));
        balancer.drain("a", Drain.softly(Duration.ZERO).until(Duration.ofMinutes(1)));
        Set<String> taken = new HashSet<>();
        for (int client = 0; client < 50; client++) {
            Set<String> mine = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                mine.add(id(balancer.tryAcquire(with("SERVERID=a").from("198.51.100." + client))));
            }
            assertThat(mine).hasSize(1);
            taken.addAll(mine);
        }
        assertThat(taken).as("different clients spread").containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void ourCookieMayHaveTheNameOfTheOther() {
        LoadBalancer balancer = builder()
                .stickyCookie(cookie.named("SERVERID").alsoReading(ForeignCookie.haproxy("SERVERID")))
                .build();
        Lease lease = (Lease) balancer.tryAcquire(with("SERVERID=b"));
        assertThat(id(lease)).isEqualTo("b");
        String ours = cookieOf(lease);
        assertThat(id(balancer.tryAcquire(with(ours)))).isEqualTo("b");
        assertThat(id(balancer.tryAcquire(with("SERVERID=c; " + ours)))).isEqualTo("b");
    }

    @Test
    void anotherGatewayWithTheSameKeyAgrees() {
        LoadBalancer one = builder().stickyCookie(cookie).build();
        LoadBalancer other =
                builder().stickyCookie(StickyCookie.signedWith(KEY)).build();
        Lease lease = (Lease) one.tryAcquire(FakeRequest.get("/"));
        assertThat(id(other.tryAcquire(with(cookieOf(lease))))).isEqualTo(id(lease));
    }

    @Test
    void aDrainingBackEndKeepsItsClientsAndGetsNoNewOnes() {
        LoadBalancer balancer = builder().stickyCookie(cookie).build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String sent = cookieOf(first);
        backends.drain(id(first));
        assertThat(id(balancer.tryAcquire(with(sent)))).isEqualTo(id(first));
        for (int i = 0; i < 100; i++) {
            assertThat(id(balancer.tryAcquire(FakeRequest.get("/")))).isNotEqualTo(id(first));
        }
    }

    @Test
    void aStrategyMayShedClientsThatAreBound() {
        Set<String> shedding = new HashSet<>();
        LoadBalancer balancer = builder()
                .stickyCookie(cookie)
                .strategy(snapshot -> new Picker() {
                    @Override
                    public int pick(PickContext context) {
                        return 0;
                    }

                    @Override
                    public boolean keeps(PickContext context, int index) {
                        return !shedding.contains(
                                snapshot.node(index).backend().id().value());
                    }
                })
                .build();
        Lease onA = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String sent = cookieOf(onA);
        assertThat(id(balancer.tryAcquire(with(sent)))).isEqualTo("a");
        shedding.addAll(List.of("a", "b"));
        Lease moved = (Lease) balancer.tryAcquire(with(sent));
        assertThat(id(moved)).as("the only one that takes clients of others").isEqualTo("c");
        assertThat(moved.reason()).isEqualTo(PickReason.FAILOVER);
        shedding.add("c");
        assertThat(balancer.tryAcquire(with(sent)))
                .as("when all shed, somebody serves nevertheless")
                .isInstanceOf(Lease.class);
    }

    @Test
    void parallelRequestsOfAClientWhoseBackEndIsGoneAgreeOnTheNewOne() {
        LoadBalancer one = builder().stickyCookie(cookie).build();
        LoadBalancer other =
                builder().stickyCookie(cookie).strategy(Strategy.roundRobin()).build();
        Lease first = (Lease) one.tryAcquire(FakeRequest.get("/"));
        String sent = cookieOf(first);
        backends.remove(id(first));
        Set<String> chosen = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            Lease lease = (Lease) (i % 2 == 0 ? one : other).tryAcquire(with(sent));
            assertThat(lease.reason()).isEqualTo(PickReason.FAILOVER);
            chosen.add(id(lease));
        }
        assertThat(chosen).hasSize(1).doesNotContain(id(first));
    }

    @Test
    void clientsOfADeadBackEndStayInTheTierOfTheOthers() {
        backends.add(Backend.of("spare", "http://127.0.0.1:9004"));
        LoadBalancer balancer = builder()
                .stickyCookie(cookie)
                .strategy(Strategy.priority(
                        backend -> backend.id().value().equals("spare") ? 1 : 0, Strategy.powerOfTwoChoices()))
                .build();
        List<String> sent = new java.util.ArrayList<>();
        for (int i = 0; i < 600; i++) {
            Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
            if (id(lease).equals("a")) {
                sent.add(cookieOf(lease));
            }
        }
        backends.remove("a");
        assertThat(sent).hasSizeGreaterThan(100);
        for (String old : sent) {
            assertThat(id(balancer.tryAcquire(with(old)))).isIn("b", "c");
        }
    }

    @Test
    void clientsOfADeadBackEndSpreadOverTheOthers() {
        LoadBalancer balancer = builder().stickyCookie(cookie).build();
        backends.drain("b");
        backends.drain("c");
        List<String> cookies = new java.util.ArrayList<>();
        for (int i = 0; i < 600; i++) {
            Lease lease = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
            cookies.add(cookieOf(lease));
            lease.complete(Outcome.success());
        }
        backends.resume("b");
        backends.resume("c");
        backends.remove("a");
        long toB = cookies.stream()
                .filter(c -> id(balancer.tryAcquire(with(c))).equals("b"))
                .count();
        assertThat(toB).isBetween(240L, 360L);
    }

    @Test
    void theCookieNamesTheBackEndThatAnsweredAtLast() {
        LoadBalancer balancer = builder().stickyCookie(cookie).build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        Lease second = (Lease) first.retry(Outcome.failure(FailureKind.CONNECT));
        assertThat(id(balancer.tryAcquire(with(cookieOf(second))))).isEqualTo(id(second));
    }

    @Test
    void spillLeavesTheTieAsItIs() {
        LoadBalancer balancer = builder()
                .stickyCookie(cookie)
                .stickyFallback(StickyFallback.SPILL)
                .build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String sent = cookieOf(first);
        first.complete(Outcome.failure(FailureKind.NO_RESPONSE));
        Lease elsewhere = (Lease) balancer.tryAcquire(with(sent));
        assertThat(id(elsewhere)).isNotEqualTo(id(first));
        assertThat(cookieOf(elsewhere)).isEmpty();
        time.advance(Duration.ofSeconds(11));
        assertThat(id(balancer.tryAcquire(with(sent)))).isEqualTo(id(first));
    }

    @Test
    void refuseKeepsTheClientFromMoving() {
        LoadBalancer balancer = builder()
                .stickyCookie(cookie)
                .stickyFallback(StickyFallback.REFUSE)
                .build();
        Lease first = (Lease) balancer.tryAcquire(FakeRequest.get("/"));
        String sent = cookieOf(first);
        first.complete(Outcome.failure(FailureKind.NO_RESPONSE));
        Refusal refusal = (Refusal) balancer.tryAcquire(with(sent));
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.BOUND_BACKEND_UNFIT);
        assertThat(refusal.problem().status()).isEqualTo(503);
    }

    @Test
    void aKeyIsRememberedByTheSessionMap() {
        LoadBalancer balancer = builder()
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(SessionMap.local(1_000, Duration.ofMinutes(30)))
                .build();
        for (int user = 0; user < 30; user++) {
            FakeRequest request = FakeRequest.get("/").header("X-Session-Id", "user-" + user);
            Lease first =
                    (Lease) balancer.acquire(request).toCompletableFuture().join();
            assertThat(first.reason()).isEqualTo(PickReason.BALANCED);
            Lease second =
                    (Lease) balancer.acquire(request).toCompletableFuture().join();
            Lease third = (Lease) balancer.tryAcquire(request);
            assertThat(id(second)).isEqualTo(id(first));
            assertThat(id(third)).isEqualTo(id(first));
            assertThat(third.reason()).isEqualTo(PickReason.STICKY);
        }
    }

    @Test
    void aRememberedKeyIsBoundAnewWhenItsBackEndFails() {
        LoadBalancer balancer = builder()
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(SessionMap.local(1_000, Duration.ofMinutes(30)))
                .build();
        FakeRequest request = FakeRequest.get("/").header("X-Session-Id", "me");
        Lease first = (Lease) balancer.tryAcquire(request);
        Lease second = (Lease) first.retry(Outcome.failure(FailureKind.CONNECT));
        time.advance(Duration.ofMinutes(1));
        assertThat(id(balancer.tryAcquire(request))).isEqualTo(id(second));
    }

    @Test
    void aKeyIsHashedWhereNothingIsRemembered() {
        LoadBalancer balancer = builder()
                .affinity(AffinityRule.clientAddress())
                .strategy(Strategy.rendezvousHash())
                .build();
        Lease one = (Lease) balancer.tryAcquire(FakeRequest.get("/").from("198.51.100.7"));
        Lease two = (Lease) balancer.tryAcquire(FakeRequest.get("/other").from("198.51.100.7"));
        assertThat(id(two)).isEqualTo(id(one));
        assertThat(one.reason()).isEqualTo(PickReason.HASH);
    }

    @Test
    void anOpenStreamKeepsItsSessionAlive() {
        LoadBalancer balancer = builder()
                .affinity(AffinityRule.header("X-Session-Id"))
                .sessions(SessionMap.local(1_000, Duration.ofMinutes(30), time))
                .build();
        FakeRequest request = FakeRequest.get("/").header("X-Session-Id", "me");
        Lease stream = (Lease) balancer.tryAcquire(request);
        stream.onEndRequested(wish -> {});
        for (int quarter = 0; quarter < 12; quarter++) {
            time.advance(Duration.ofMinutes(10));
        }
        stream.complete(Outcome.success());
        time.advance(Duration.ofMinutes(29));
        Lease next = (Lease) balancer.tryAcquire(request);
        assertThat(id(next)).as("two hours later").isEqualTo(id(stream));
        assertThat(next.reason()).isEqualTo(PickReason.STICKY);
        next.complete(Outcome.success());
        time.advance(Duration.ofMinutes(31));
        assertThat(((Lease) balancer.tryAcquire(request)).reason()).isEqualTo(PickReason.BALANCED);
    }

    @Test
    void aSessionMapThatThrowsOrFailsCostsNoRequest() {
        for (BrokenSessionMap broken : BrokenSessionMap.values()) {
            LoadBalancer balancer = builder()
                    .affinity(AffinityRule.header("X-Session-Id"))
                    .sessions(broken)
                    .build();
            FakeRequest request = FakeRequest.get("/").header("X-Session-Id", "me");
            Lease one = (Lease) balancer.tryAcquire(request);
            Lease two = (Lease) balancer.acquire(request).toCompletableFuture().join();
            one.complete(Outcome.success());
            two.complete(Outcome.success());
            assertThat(balancer.stats().openStreams()).isZero();
        }
    }

    private enum BrokenSessionMap implements SessionMap {
        THROWS {
            @Override
            <T> CompletionStage<T> answer() {
                throw new IllegalStateException("broken map");
            }
        },
        FAILS {
            @Override
            <T> CompletionStage<T> answer() {
                return CompletableFuture.failedFuture(new IllegalStateException("broken map"));
            }
        };

        abstract <T> CompletionStage<T> answer();

        @Override
        public Optional<Binding> peek(AffinityKey key) {
            this.<Binding>answer();
            return Optional.empty();
        }

        @Override
        public CompletionStage<Optional<Binding>> find(AffinityKey key) {
            return answer();
        }

        @Override
        public CompletionStage<Optional<Binding>> bind(AffinityKey key, BackendId backend) {
            return answer();
        }

        @Override
        public Binding presume(AffinityKey key, BackendId backend) {
            return this.<Binding>answer().toCompletableFuture().join();
        }

        @Override
        public void touch(AffinityKey key) {
            this.<Binding>answer();
        }

        @Override
        public CompletionStage<Binding> rebind(AffinityKey key, long expectedFence, BackendId backend) {
            return answer();
        }

        @Override
        public CompletionStage<Boolean> unbind(AffinityKey key, long expectedFence) {
            return answer();
        }
    }
}
