package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.guard.Guard;
import dev.remora.guard.NginxLimitReq;
import dev.remora.ratelimit.Limit;
import dev.remora.wire.Wire;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see of limits on requests and on open streams, and what becomes of their connections. */
final class LimitedGatewayTest extends GuardFixture {

    private static final String POLICY = "RateLimit-Policy: \"requests\";q=3;w=60\r\n";
    private static final String DENIED = "HTTP/1.1 429 ";

    private GatewayServer startWithThreeRequests() {
        return start(Guard.rate(ADDRESS, limiter(Limit.requests(3, MINUTE))));
    }

    /** A client whose three requests are used up. */
    private Wire exhausted() {
        Wire client = client();
        for (int i = 0; i < 3; i++) {
            assertThat(client.send(GET).response()).endsWith("ok");
        }
        arrived.clear();
        return client;
    }

    private void isDenied(String response) {
        assertThat(response)
                .startsWith(DENIED)
                .containsIgnoringCase("retry-after: 20\r\n")
                .containsIgnoringCase("content-type: application/problem+json\r\n")
                .contains(POLICY)
                .contains("RateLimit: \"requests\";r=0;t=20\r\n")
                .contains("quota-exceeded");
    }

    /** The connection goes on, and nothing of what was denied is taken for a request. */
    private void isKept(Wire client) throws Exception {
        assertThat(arrived).isEmpty();
        passes(MINUTE);
        assertThat(client.send(get("/next")).response())
                .startsWith("HTTP/1.1 200 ")
                .endsWith("ok");
        assertThat(arrival()).startsWith("GET /next ");
    }

    // ---- requests

    @Test
    void answersTellWhatIsLeft() {
        startWithThreeRequests();
        Wire client = client();
        assertThat(client.send(GET).response()).contains(POLICY).contains("RateLimit: \"requests\";r=2;t=");
        assertThat(client.send(GET).response()).contains(POLICY).contains("RateLimit: \"requests\";r=1;t=");
    }

    @Test
    void streamsTellInTheirHeadsOnly() {
        startWithThreeRequests();
        Wire client = client().send(get("/events"));
        assertThat(client.head()).contains(POLICY).contains("RateLimit: \"requests\";r=2;t=");
        assertThat(client.chunked()).isEqualTo("data: a\n\ndata: b\n\n|x-sum: 5");
    }

    @Test
    void upgradesTellToo() {
        startWithThreeRequests();
        Wire client = client().send(upgrade("/ws"));
        assertThat(client.head())
                .startsWith("HTTP/1.1 101 ")
                .contains(POLICY)
                .contains("RateLimit: \"requests\";r=2;t=");
        assertThat(client.send("x").text(1)).isEqualTo("x");
    }

    @Test
    void whoAsksTooOftenIsToldWhenToComeBackAndKeepsItsConnection() throws Exception {
        startWithThreeRequests();
        Wire client = exhausted();
        isDenied(client.send(GET).response());
        isDenied(client.send(GET).response());
        isKept(client);
    }

    @Test
    void upgradeThatIsDeniedKeepsItsConnection() throws Exception {
        startWithThreeRequests();
        Wire client = exhausted();
        isDenied(client.send(upgrade("/ws")).response());
        isKept(client);
    }

    @Test
    void deniedHeadHasNoBody() throws Exception {
        startWithThreeRequests();
        Wire client = exhausted();
        assertThat(client.send(request("HEAD", "/")).head()).startsWith(DENIED);
        isKept(client);
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() {
        startWithThreeRequests();
        Wire client = client().send(GET.repeat(5) + get("/", from("192.0.2.7")));
        for (int i = 0; i < 3; i++) {
            assertThat(client.response()).endsWith("ok");
        }
        isDenied(client.response());
        isDenied(client.response());
        assertThat(client.response()).as("another client").endsWith("ok");
    }

    @Test
    void addressesAreCountedApart() {
        startWithThreeRequests();
        Wire client = exhausted();
        isDenied(client.send(GET).response());
        assertThat(client.send(get("/", from("192.0.2.7"))).response()).endsWith("ok");
        assertThat(client.send(get("/", from("192.0.2.7, 127.0.0.9"))).response())
                .as("the nearest that is not trusted is the client")
                .contains("RateLimit: \"requests\";r=1;t=");
        assertThat(client.send(get("/", from("203.0.113.5, 192.0.2.7"))).response())
                .as("what stands in front of it is its own word")
                .contains("RateLimit: \"requests\";r=0;t=");
    }

    // ---- requests with a body

    @Test
    void deniedBodyIsNotTakenForARequest() throws Exception {
        startWithThreeRequests();
        Wire client = exhausted();
        isDenied(client.send(post("/", get("/smuggled"))).response());
        isKept(client);
    }

    @Test
    void deniedBodyThatComesLaterIsNotTakenForARequest() throws Exception {
        startWithThreeRequests();
        Wire client = exhausted();
        String body = get("/smuggled");
        isDenied(client.send(request("POST", "/", "Content-Length: " + body.length()))
                .response());
        client.send(body.substring(0, 20));
        time.settle();
        client.send(body.substring(20));
        isKept(client);
    }

    @Test
    void whatIsPipelinedBehindADeniedBodyIsServed() throws Exception {
        startWithThreeRequests();
        Wire client = exhausted();
        client.send(post("/", get("/smuggled")) + get("/next", from("192.0.2.7")));
        isDenied(client.response());
        assertThat(client.response()).endsWith("ok");
        assertThat(arrival()).startsWith("GET /next ");
    }

    @Test
    void deniedBodyThatStopsToComeIsNotAwaitedForEver() throws Exception {
        startWithThreeRequests();
        Wire client = exhausted();
        isDenied(client.send(request("POST", "/", "Content-Length: 10") + "01234")
                .response());
        for (int i = 0; i < 4; i++) {
            time.settle();
            time.pass(Duration.ofSeconds(16));
            time.settle();
            if (i < 3) {
                client.send("5");
            }
        }
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void gatewayThatStopsDoesNotWaitForADeniedBody() throws Exception {
        GatewayServer gateway = startWithThreeRequests();
        Wire client = exhausted();
        isDenied(client.send(request("POST", "/", "Content-Length: 10")).response());
        var stopped = gateway.stop(Duration.ofDays(1)).toCompletableFuture();
        assertThat(client.rest()).isEmpty();
        client.close();
        assertThat(stopped).succeedsWithin(Duration.ofSeconds(20));
    }

    @Test
    void longBodyThatIsDeniedClosesItsConnection() {
        startWithThreeRequests();
        Wire client = exhausted();
        client.send(request("POST", "/", "Content-Length: 1000000") + get("/smuggled"));
        assertThat(client.rest()).startsWith(DENIED).containsIgnoringCase("connection: close");
        assertThat(arrived).isEmpty();
    }

    @Test
    void chunkedUploadThatIsDeniedClosesItsConnection() {
        startWithThreeRequests();
        Wire client = exhausted();
        String body = get("/smuggled");
        client.send(request("POST", "/", "Transfer-Encoding: chunked") + Integer.toHexString(body.length()) + "\r\n"
                + body + "\r\n0\r\n\r\n" + get("/behind"));
        assertThat(client.rest()).startsWith(DENIED).containsIgnoringCase("connection: close");
        assertThat(arrived).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 10", "Transfer-Encoding: chunked"})
    void whoWaitsForAWordBeforeItsBodyIsToldNo(String framing) {
        startWithThreeRequests();
        Wire client = exhausted();
        client.send(request("POST", "/", "Expect: 100-continue", framing));
        assertThat(client.rest()).startsWith(DENIED).containsIgnoringCase("connection: close");
        assertThat(arrived).isEmpty();
    }

    // ---- open streams

    @Test
    void streamHoldsItsPlaceUntilItEnds() throws Exception {
        gateway(balancer -> guarded(balancer, Guard.openStreams(ADDRESS, 1)), server -> {}, backend("a", server -> {
            receive(server);
            server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
            assertThat(server.read()).isEqualTo('.');
        }));
        Wire client = client().send(GET);
        client.head();
        Wire other = client();
        assertThat(other.send(GET).response()).startsWith(DENIED).containsIgnoringCase("retry-after: 1\r\n");
        Wire elsewhere = client().send(get("/", from("192.0.2.7")));
        assertThat(elsewhere.head()).startsWith("HTTP/1.1 200 ");
        client.reset();
        outcome();
        assertThat(other.send(GET).head()).as("left without a word").startsWith("HTTP/1.1 200 ");
    }

    @Test
    void streamThatIsWholeGivesItsPlaceBackBeforeItsClientKnows() {
        start(Guard.openStreams(ADDRESS, 1));
        Wire client = client();
        for (int i = 0; i < 100; i++) {
            Wire next = i % 2 == 0 ? client : client();
            next.send(get("/events"));
            assertThat(next.response()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void webSocketHoldsItsPlaceUntilItIsClosed() throws Exception {
        start(Guard.openStreams(ADDRESS, 1));
        Wire client = client().send(upgrade("/ws"));
        client.head();
        assertThat(client.send("frame").text(5)).isEqualTo("frame");
        Wire other = client();
        assertThat(other.send(upgrade("/ws")).response()).startsWith(DENIED);
        assertThat(other.send(GET).response()).startsWith(DENIED);
        client.close();
        outcome();
        assertThat(other.send(upgrade("/ws")).head()).startsWith("HTTP/1.1 101 ");
    }

    // ---- as nginx does it

    @Test
    void whoIsAheadOfItsTimeWaitsAndHoldsUpNobody() throws Exception {
        start(Guard.limitReq(ADDRESS, NginxLimitReq.perMinute(1).burst(2)));
        Wire client = client();
        assertThat(client.send(GET).response()).endsWith("ok");
        Wire ahead = client().send(get("/ahead"));
        eventually("the request waits", () -> permits() == 1);
        arrived.clear();
        for (int i = 1; i < 100; i++) {
            assertThat(client.send(get("/", from("192.0.2." + i))).response()).endsWith("ok");
        }
        assertThat(arrived).hasSize(99).noneMatch(head -> head.startsWith("GET /ahead"));
        ahead.close();
    }

    @Test
    void whoIsAheadOfItsTimeIsServedInTheEnd() throws Exception {
        start(Guard.limitReq(ADDRESS, NginxLimitReq.perSecond(20).burst(2).withClock(nanos::get)));
        Wire client = client();
        assertThat(client.send(GET.repeat(2)).response()).endsWith("ok");
        assertThat(client.response()).endsWith("ok");
        Wire[] waiting = {client().send(GET), client()};
        eventually("one waits", () -> permits() == 1 || arrived.size() == 3);
        assertThat(waiting[1].send(GET).response()).startsWith(DENIED);
        assertThat(waiting[0].response()).endsWith("ok");
    }
}
