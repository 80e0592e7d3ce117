package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.LoadBalancerBuilder;
import dev.remora.guard.Admission;
import dev.remora.guard.Guard;
import dev.remora.guard.LimitKey;
import dev.remora.http.TrustedProxies;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.RateLimiter;
import dev.remora.wire.Wire;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;

/**
 * A gateway with guards, whose clients are where {@link #from} says, in front of a back end that writes down what arrives; after
 * each test no permit may be held.
 */
abstract class GuardFixture extends GatewayFixture {

    static final LimitKey ADDRESS = LimitKey.clientAddress();
    static final Duration MINUTE = Duration.ofMinutes(1);
    static final String SWITCHING =
            lines("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket");

    static final String EVENTS =
            lines("HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked");

    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

    /** What has arrived at the back end: heads and bodies. */
    final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();

    /** The clock of limits. */
    final AtomicLong nanos = new AtomicLong();

    private final AtomicInteger permits = new AtomicInteger();

    GatewayServer start(Guard... guards) {
        return start(balancer -> {}, server -> {}, guards);
    }

    GatewayServer start(
            Consumer<LoadBalancerBuilder> balancing, Consumer<GatewayServer.Builder> settings, Guard... guards) {
        return gateway(
                balancer -> {
                    guarded(balancer, guards);
                    balancing.accept(balancer);
                },
                settings,
                answering("a", this::answer));
    }

    /** Sets guards behind one whose permits are counted. */
    void guarded(LoadBalancerBuilder balancer, Guard... guards) {
        balancer.trustedProxies(TrustedProxies.of("127.0.0.0/8")).guard((request, visitor) -> {
            permits.incrementAndGet();
            return Admission.admitted(outcome -> permits.decrementAndGet());
        });
        for (Guard guard : guards) {
            balancer.guard(guard);
        }
    }

    /** {@code /events} is a stream of two events, {@code /ws} an echo, and all else is ok. */
    private void answer(Wire server) {
        String head = receive(server);
        if (head.startsWith("GET /events ")) {
            server.send(EVENTS).send(chunk("data: a\n\n")).send(chunk("data: b\n\n") + lines("0", "x-sum: 5"));
        } else if (head.startsWith("GET /ws ")) {
            server.send(SWITCHING);
            for (int b = server.read(); b >= 0; b = server.read()) {
                server.send(new byte[] {(byte) b});
            }
        } else {
            server.send(OK);
        }
    }

    static String chunk(String data) {
        return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    /** Reads one request to its end, and writes it down. */
    String receive(Wire server) {
        String head = server.head();
        if (head.isEmpty()) {
            throw new IllegalStateException("the connection is over");
        }
        Matcher length = LENGTH.matcher(head);
        String body = head.contains("chunked")
                ? server.chunked()
                : length.find() ? server.text(Integer.parseInt(length.group(1))) : "";
        arrived.add(head + body);
        return head;
    }

    /** What arrives next at the back end. */
    String arrival() throws InterruptedException {
        String next = arrived.poll(20, TimeUnit.SECONDS);
        assertThat(next).as("something should arrive within 20 s").isNotNull();
        return next;
    }

    RateLimiter limiter(Limit... limits) {
        return RateLimiter.local(limits).clock(nanos::get).build();
    }

    void passes(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** The line that says so, for clients behind a proxy. */
    static String from(String address) {
        return "X-Forwarded-For: " + address;
    }

    static String get(String target, String... headers) {
        return request("GET", target, headers);
    }

    static String request(String method, String target, String... headers) {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return method + " " + target + " HTTP/1.1\r\nHost: chat.test\r\n" + more + "\r\n";
    }

    static String post(String target, String body, String... headers) {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return request("POST", target, more + "Content-Length: " + body.length()) + body;
    }

    static String upgrade(String target, String... headers) {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return request("GET", target, more + "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13");
    }

    @Override
    @AfterEach
    void nothingIsLeftOpen() throws Exception {
        super.nothingIsLeftOpen();
        eventually("no permits held", () -> permits.get() == 0);
    }

    int permits() {
        return permits.get();
    }
}
