package dev.remora.dns;

import static dev.remora.dns.FakeDns.address;
import static dev.remora.dns.FakeDns.alias;
import static dev.remora.dns.FakeDns.code;
import static dev.remora.dns.FakeDns.records;
import static dev.remora.dns.FakeDns.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.exchange.FakeRequest;
import dev.remora.exchange.FakeTime;
import dev.remora.exchange.Outcome;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

class DnsSourceTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    // Runs the lookups on the test's thread.
    private final FakeTime time = new FakeTime();
    private final BlockingQueue<List<Backend>> pushed = new LinkedBlockingQueue<>();
    private final List<BackendSource.Subscription> subscriptions = new ArrayList<>();
    private FakeDns dns;

    @BeforeEach
    void begin() throws IOException {
        dns = new FakeDns();
    }

    @AfterEach
    void end() throws IOException {
        subscriptions.forEach(BackendSource.Subscription::close);
        dns.close();
    }

    private DnsSource chat() {
        return DnsSource.addresses("chat.test", 3210)
                .resolver(dns.address())
                .timeout(Duration.ofSeconds(20))
                .on(() -> time);
    }

    private DnsSource services() {
        return DnsSource.services("_http._tcp.chat.test")
                .resolver(dns.address())
                .timeout(Duration.ofSeconds(20))
                .on(() -> time);
    }

    private BackendSource.Subscription subscribe(DnsSource source) {
        BackendSource.Subscription subscription = source.subscribe(pushed::add);
        subscriptions.add(subscription);
        return subscription;
    }

    private static List<String> ids(List<Backend> backends) {
        return backends.stream().map(backend -> backend.id().value()).toList();
    }

    private List<String> next() {
        return ids(pushed.remove());
    }

    private static Record chat(long ttl, String address) {
        return address("chat.test", ttl, address);
    }

    @Test
    void everyAddressIsABackEnd() {
        dns.serve(records(chat(30, "10.0.0.2"), chat(30, "10.0.0.1")));
        subscribe(chat().scheme("https").each(backend -> backend.withMaxStreams(8)));
        assertThat(pushed.remove())
                .containsExactly(
                        Backend.of("chat.test@10.0.0.1:3210", "https://10.0.0.1:3210")
                                .withMaxStreams(8),
                        Backend.of("chat.test@10.0.0.2:3210", "https://10.0.0.2:3210")
                                .withMaxStreams(8));
    }

    @Test
    void theFamilyIsChosen() {
        Record[] records = {chat(30, "10.0.0.1"), chat(30, "2001:db8::1")};
        String v4 = "chat.test@10.0.0.1:3210";
        String v6 = "chat.test@[2001:db8:0:0:0:0:0:1]:3210";
        dns.serve(records(records));
        for (AddressFamily family : AddressFamily.values()) {
            subscribe(chat().family(family));
        }
        assertThat(List.of(next(), next(), next(), next()))
                .containsExactly(List.of(v4), List.of(v6), List.of(v4), List.of(v4, v6));
        dns.serve(records(records[1]));
        subscribe(chat().family(AddressFamily.EITHER));
        subscribe(chat().family(AddressFamily.BOTH));
        assertThat(List.of(next(), next())).containsExactly(List.of(v6), List.of(v6));
        dns.serve(records(records[0]));
        subscribe(chat().family(AddressFamily.BOTH));
        assertThat(next()).containsExactly(v4);
    }

    @Test
    void halfAnAnswerIsNone() {
        Record[] records = {chat(1, "10.0.0.1"), chat(1, "2001:db8::1")};
        dns.serve(records(records));
        subscribe(chat().family(AddressFamily.BOTH));
        assertThat(next()).hasSize(2);
        dns.serve((query, tcp) -> query.getQuestion().getType() == Type.AAAA
                ? code(Rcode.SERVFAIL).answer(query, tcp)
                : records(records).answer(query, tcp));
        time.advance(SECOND.multipliedBy(60));
        assertThat(pushed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 5, 17, 60, 3600, Integer.MAX_VALUE})
    void theTimeToLiveIsHonouredWithinBounds(long ttl) {
        Duration expected = Duration.ofSeconds(Math.max(5, Math.min(60, ttl)));
        dns.serve(records(chat(ttl, "10.0.0.1")));
        subscribe(chat());
        for (int asked = 1; asked < 4; asked++) {
            time.advance(expected.minusMillis(1));
            assertThat(dns.questions()).as("not yet").isEqualTo(asked);
            time.advance(Duration.ofMillis(1));
            assertThat(dns.questions()).as("again").isEqualTo(asked + 1);
        }
        assertThat(pushed).as("nothing has changed").hasSize(1);
    }

    @Test
    void anAliasThatIsOldSoonerIsAskedForSooner() {
        dns.serve(records(alias("chat.test", 7, "real.test"), address("real.test", 3600, "10.0.0.1")));
        subscribe(chat());
        assertThat(next()).containsExactly("chat.test@10.0.0.1:3210");
        time.advance(SECOND.multipliedBy(7));
        assertThat(dns.questions()).isEqualTo(2);
    }

    @Test
    void theOrderOfAnAnswerMeansNothing() {
        List<Record> records = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            records.add(chat(0, "10.0.0." + i));
        }
        Random random = new Random(1);
        dns.serve((query, tcp) -> {
            Collections.shuffle(records, random);
            return records(records.toArray(new Record[0])).answer(query, tcp);
        });
        subscribe(chat());
        for (int i = 0; i < 30; i++) {
            time.advance(SECOND.multipliedBy(5));
        }
        assertThat(dns.questions()).isEqualTo(31);
        assertThat(pushed).hasSize(1);
    }

    static Stream<Arguments> noAnswers() {
        return Stream.of(
                Arguments.of("no such name", code(Rcode.NXDOMAIN)),
                Arguments.of("a failing server", code(Rcode.SERVFAIL)),
                Arguments.of("a refusal", code(Rcode.REFUSED)),
                Arguments.of("an empty answer", records()),
                Arguments.of("an alias to nothing", records(alias("chat.test", 9, "real.test"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noAnswers")
    void whatIsNoAnswerKeepsTheList(String what, FakeDns.Zone zone) {
        dns.serve(records(chat(1, "10.0.0.1")));
        subscribe(chat());
        assertThat(next()).hasSize(1);
        dns.serve(zone);
        int before = dns.questions();
        time.advance(SECOND.multipliedBy(5));
        int asked = dns.questions() - before;
        for (int wait : new int[] {5, 10, 20, 40, 60, 60}) {
            before = dns.questions();
            time.advance(SECOND.multipliedBy(wait).minusMillis(1));
            assertThat(dns.questions()).as("waits longer each time").isEqualTo(before);
            time.advance(Duration.ofMillis(1));
            assertThat(dns.questions() - before).as("asks again").isEqualTo(asked);
        }
        assertThat(pushed).as("the list stays").isEmpty();
        dns.serve(records(chat(1, "10.0.0.2")));
        time.advance(SECOND.multipliedBy(60));
        assertThat(next()).containsExactly("chat.test@10.0.0.2:3210");
        before = dns.questions();
        time.advance(SECOND.multipliedBy(5));
        assertThat(dns.questions()).as("as often as ever").isEqualTo(before + 1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noAnswers")
    void withoutAFirstAnswerThePoolIsEmptyUntilThereIsOne(String what, FakeDns.Zone zone) {
        dns.serve(zone);
        subscribe(chat());
        assertThat(next()).isEmpty();
        dns.serve(records(chat(1, "10.0.0.1")));
        time.advance(SECOND.multipliedBy(5));
        assertThat(next()).hasSize(1);
    }

    static Stream<FakeDns.Zone> nothingToRead() {
        return Stream.of(FakeDns.silent(), (query, tcp) -> Optional.of(new byte[] {1, 2, 3}));
    }

    // A busy machine may miss the short time that this test waits for silence, so good answers are tried for often.
    @ParameterizedTest
    @MethodSource("nothingToRead")
    void silenceAndGarbageKeepTheList(FakeDns.Zone zone) {
        dns.serve(zone);
        subscribe(chat().timeout(Duration.ofMillis(100)));
        assertThat(next()).as("the first list").isEmpty();
        dns.serve(records(chat(1, "10.0.0.1")));
        assertThat(nextAfterMany()).hasSize(1);
        dns.serve(zone);
        time.advance(SECOND.multipliedBy(10));
        assertThat(pushed).as("the list stays").isEmpty();
        dns.serve(records(chat(1, "10.0.0.2")));
        assertThat(nextAfterMany()).containsExactly("chat.test@10.0.0.2:3210");
    }

    private List<String> nextAfterMany() {
        for (int i = 0; i < 100 && pushed.isEmpty(); i++) {
            time.advance(SECOND.multipliedBy(60));
        }
        return next();
    }

    @Test
    void aFirstAnswerThatIsLateIsNotWaitedFor() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        dns.serve((query, tcp) -> {
            release.await();
            return records(chat(1, "10.0.0.1")).answer(query, tcp);
        });
        DnsSource source = DnsSource.addresses("chat.test", 3210)
                .resolver(dns.address())
                .timeout(Duration.ofMinutes(2))
                .firstWait(Duration.ofMillis(10));
        subscribe(source);
        assertThat(next()).isEmpty();
        release.countDown();
        assertThat(ids(pushed.poll(60, TimeUnit.SECONDS))).containsExactly("chat.test@10.0.0.1:3210");
    }

    @Test
    void anAnswerThatIsCutIsAskedForOverTcp() {
        Record[] records = new Record[500];
        for (int i = 0; i < records.length; i++) {
            records[i] = chat(30, "10.0." + i / 250 + "." + i % 250);
        }
        dns.serve(FakeDns.truncated(records(records)));
        subscribe(chat());
        assertThat(next()).hasSize(500).doesNotHaveDuplicates();
        assertThat(dns.tcpQuestions()).isEqualTo(1);
    }

    @Test
    void anAnswerOfTooManyIsCutAlikeEverywhere() {
        List<Record> records = new ArrayList<>();
        for (int i = 10; i < 50; i++) {
            records.add(chat(1, "10.0.0." + i));
        }
        dns.serve((query, tcp) -> {
            Collections.shuffle(records, new Random(dns.questions()));
            return records(records.toArray(new Record[0])).answer(query, tcp);
        });
        subscribe(chat().maxBackends(3));
        assertThat(next())
                .containsExactly("chat.test@10.0.0.10:3210", "chat.test@10.0.0.11:3210", "chat.test@10.0.0.12:3210");
        time.advance(SECOND.multipliedBy(60));
        assertThat(pushed).isEmpty();
    }

    @Test
    void everyChangeIsFollowed() {
        int steps = 50;
        for (int i = 0; i < steps; i++) {
            dns.serve(i % 2 == 0 ? records(chat(1, "10.0.0." + i)) : code(Rcode.NXDOMAIN));
            if (i == 0) {
                subscribe(chat());
            } else {
                time.advance(SECOND.multipliedBy(5));
            }
        }
        assertThat(pushed).hasSize(steps / 2);
        assertThat(List.copyOf(pushed).get(24))
                .singleElement()
                .satisfies(last -> assertThat(last.host()).isEqualTo("10.0.0.48"));
    }

    @Test
    void servicesHavePortsWeightsAndPriorities() {
        dns.serve(records(
                service("_http._tcp.chat.test", 30, 10, 60, 8001, "a.test"),
                service("_http._tcp.chat.test", 30, 10, 0, 8002, "b.test"),
                service("_http._tcp.chat.test", 30, 20, 5, 8003, "a.test"),
                service("_http._tcp.chat.test", 30, 10, 5, 8004, "gone.test"),
                address("a.test", 9, "10.0.0.1"),
                address("b.test", 30, "10.0.0.2"),
                address("b.test", 30, "10.0.0.3")));
        subscribe(services());
        List<Backend> backends = pushed.remove();
        assertThat(ids(backends))
                .containsExactly(
                        "a.test@10.0.0.1:8001", "a.test@10.0.0.1:8003", "b.test@10.0.0.2:8002", "b.test@10.0.0.3:8002");
        assertThat(backends.stream().map(Backend::weight)).containsExactly(60, 5, 1, 1);
        assertThat(backends.stream().map(DnsSource::priority)).containsExactly(10, 20, 10, 10);
        assertThat(backends.get(0).uri()).hasToString("http://10.0.0.1:8001");
        assertThat(DnsSource.priority(Backend.of("x", "http://x"))).isZero();
        int before = dns.questions();
        time.advance(SECOND.multipliedBy(9));
        assertThat(dns.questions()).as("the least time to live counts").isGreaterThan(before);
    }

    @Test
    void aServiceThatIsNowhereKeepsTheList() {
        Record a = address("a.test", 1, "10.0.0.1");
        Record here = service("_http._tcp.chat.test", 1, 1, 1, 80, "a.test");
        dns.serve(records(here, a));
        subscribe(services());
        assertThat(next()).hasSize(1);
        for (FakeDns.Zone zone : List.of(
                records(service("_http._tcp.chat.test", 1, 1, 1, 80, ".")),
                records(here),
                records(service("_http._tcp.chat.test", 1, 1, 1, 0, "a.test"), a),
                (FakeDns.Zone) (query, tcp) -> query.getQuestion().getType() == Type.A
                        ? code(Rcode.SERVFAIL).answer(query, tcp)
                        : records(here, a).answer(query, tcp))) {
            dns.serve(zone);
            time.advance(SECOND.multipliedBy(60));
        }
        assertThat(pushed).isEmpty();
    }

    @Test
    void anEditThatThrowsKeepsTheList() {
        dns.serve(records(chat(1, "10.0.0.1")));
        subscribe(chat().each(backend -> {
            if (backend.host().equals("10.0.0.2")) {
                throw new IllegalStateException("no");
            }
            return backend;
        }));
        assertThat(next()).hasSize(1);
        dns.serve(records(chat(1, "10.0.0.2")));
        time.advance(SECOND.multipliedBy(10));
        dns.serve(records(chat(1, "10.0.0.3")));
        time.advance(SECOND.multipliedBy(10));
        assertThat(next()).containsExactly("chat.test@10.0.0.3:3210");
    }

    @Test
    void anIdFitsWhateverTheNameIs() {
        String host = "a".repeat(60) + "." + "b".repeat(60) + ".test";
        String other = "a".repeat(60) + "." + "c".repeat(60) + ".test";
        dns.serve(records(address(host, 1, "2001:db8::1"), address(other, 1, "2001:db8::1")));
        subscribe(DnsSource.addresses(host, 3210).resolver(dns.address()).on(() -> time));
        subscribe(DnsSource.addresses(other, 3210).resolver(dns.address()).on(() -> time));
        assertThat(List.of(next().get(0), next().get(0)))
                .doesNotHaveDuplicates()
                .allMatch(id -> id.length() == 128 && id.endsWith("@[2001:db8:0:0:0:0:0:1]:3210"));
    }

    @Test
    void aPodThatIsNotReadyTakesNoNewStreams() {
        FakeRequest request = FakeRequest.get("/");
        dns.serve(records(chat(1, "10.0.0.1")));
        try (LoadBalancer balancer = LoadBalancer.builder()
                .clock(time)
                .scheduler(time)
                .backends(chat())
                .build()) {
            Lease open = (Lease) balancer.tryAcquire(request);
            dns.serve(records(chat(1, "10.0.0.2")));
            time.advance(SECOND.multipliedBy(5));
            Lease next = (Lease) balancer.tryAcquire(request);
            assertThat(next.backend().host()).isEqualTo("10.0.0.2");
            assertThat(open.complete(Outcome.success()))
                    .as("the open stream went on")
                    .isTrue();
            assertThat(next.complete(Outcome.success())).isTrue();
            assertThat(balancer.stats().openStreams()).isZero();
        }
    }

    @Test
    void closingEndsTheThreadInTheMiddleOfALookup() throws InterruptedException {
        subscribe(DnsSource.addresses("chat.test", 3210)
                        .resolver(dns.address())
                        .timeout(Duration.ofDays(1))
                        .firstWait(Duration.ZERO))
                .close();
        List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("remora-dns"))
                .toList();
        for (Thread thread : threads) {
            thread.join(60_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Test
    void nothingFollowsTheEnd() {
        dns.serve(records(chat(1, "10.0.0.1")));
        BackendSource.Subscription subscription = subscribe(chat());
        subscription.close();
        subscription.close();
        dns.serve(records(chat(1, "10.0.0.2")));
        time.advance(SECOND.multipliedBy(60));
        assertThat(pushed).hasSize(1);
    }

    @Test
    void whatIsNotANameOrOutOfRangeIsRefused() {
        for (String bad : List.of("", ".", "10.0.0.1", "::1", "a..b", "x".repeat(64))) {
            assertThatThrownBy(() -> DnsSource.addresses(bad, 80))
                    .hasMessage("host: \"" + bad + "\" (expected: a DNS name)");
        }
        DnsSource source = DnsSource.addresses("chat.test", 80);
        assertThatThrownBy(() -> DnsSource.addresses("chat", 0)).hasMessage("port: 0 (expected: 1 to 65535)");
        assertThatThrownBy(() -> source.scheme("ftp")).hasMessage("scheme: ftp (expected: http or https)");
        assertThatThrownBy(() -> source.timeout(Duration.ZERO))
                .hasMessage("timeout: PT0S (expected: PT0.01S to PT24H)");
        assertThatThrownBy(() -> source.refresh(SECOND, Duration.ZERO))
                .hasMessage("max refresh: PT0S (expected: PT1S to PT24H)");
        assertThatThrownBy(() -> source.maxBackends(0)).hasMessage("max backends: 0 (expected: >= 1)");
        assertThatThrownBy(() -> source.resolver(InetSocketAddress.createUnresolved("ns", 53)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
