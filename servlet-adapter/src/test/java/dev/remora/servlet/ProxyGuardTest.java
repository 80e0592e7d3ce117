package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.Outcome;
import dev.remora.guard.Guard;
import dev.remora.guard.LimitKey;
import dev.remora.guard.TokenBudget;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.RateLimiter;
import dev.remora.wire.Eventually;
import dev.remora.wire.SeenGuard;
import dev.remora.wire.Wire;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Guards that look at what passes: tokens of answers, bodies of requests. */
class ProxyGuardTest extends ProxyFixture {

    private static final String CHUNK =
            "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n";
    private static final String USAGE =
            "data: {\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{\"prompt_tokens\":21,\"completion_tokens\":9}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";
    private static final String PROMPT = "{\"stream\":true,\"messages\":[\"xxxxxxxxx\"]}";

    private final RateLimiter tokens =
            RateLimiter.local(Limit.tokens(1_000, Duration.ofMinutes(1))).build();
    private final BlockingQueue<Wire> servers = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);

    private Wire chat(TokenBudget budget) throws Exception {
        balancing(builder -> builder.guard(Guard.tokens(LimitKey.everybody(), budget.expecting(0, 100))));
        closing(over::countDown);
        start(backend("a", server -> {
            server.head();
            server.text(PROMPT.length());
            server.send(EVENTS);
            servers.add(server);
            over.await();
        }));
        return client().send(post(PROMPT));
    }

    private static String post(String body) {
        return lines("POST /v1/chat/completions HTTP/1.1", "Host: chat.test", "Content-Length: " + body.length())
                + body;
    }

    private static String chunk(String data) {
        return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    private void isLeft(long remaining) {
        Eventually.holds(
                "tokens left: " + remaining,
                Duration.ofSeconds(20),
                () -> Math.abs(tokens.peek("*").remaining() - remaining) <= 100);
    }

    @Test
    void whatTheBackEndNamesIsWhatItCosts() throws Exception {
        Wire client = chat(TokenBudget.of(tokens));
        Wire server = servers.take();
        assertThat(client.head())
                .containsIgnoringCase("ratelimit: \"tokens\";r=")
                .containsIgnoringCase("ratelimit-policy: ");
        server.send(chunk(CHUNK.repeat(9)) + chunk(USAGE) + chunk(DONE) + "0\r\n\r\n");
        assertThat(client.chunked()).isEqualTo(CHUNK.repeat(9) + USAGE + DONE);
        assertThat(outcome()).isEqualTo(Outcome.success());
        isLeft(970);
    }

    @Test
    void answerThatTakesMoreThanThereIsEndsAsAChatEnds() throws Exception {
        Wire client = chat(TokenBudget.of(tokens).stoppingWhenExhausted());
        Wire server = servers.take();
        client.head();
        for (int i = 0; i < 30; i++) {
            server.send(chunk(CHUNK.repeat(100)));
        }
        String answer = client.chunked();
        assertThat(answer).startsWith(CHUNK.repeat(100)).endsWith("\"finish_reason\":\"length\"}]}\n\n" + DONE);
        assertThat(answer.split("\"content\":\"x\"", -1).length).isBetween(900, 1_400);
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(server.read()).as("the back end is told").isNegative();
        assertThat(client.send(post(PROMPT)).response())
                .startsWith("HTTP/1.1 429 ")
                .containsIgnoringCase("retry-after: ");
    }

    @Test
    void bodyIsHeldBackUntilEnoughOfItWasSeen() throws Exception {
        SeenGuard guard = new SeenGuard();
        guard.wantedBytes = 5;
        BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
        balancing(builder -> builder.guard(guard));
        start(answering("a", server -> {
            if (server.head().isEmpty()) {
                throw new IllegalStateException("closed");
            }
            arrived.add(server.text(10));
            server.send(OK);
        }));
        Wire client = client().send(post("0123456789"));
        assertThat(client.response()).endsWith("ok");
        assertThat(guard.bodies.take()).isEqualTo("01234");
        assertThat(arrived.take()).isEqualTo("0123456789");
        assertThat(outcome()).isEqualTo(Outcome.success());
        Eventually.holds("no permits held", Duration.ofSeconds(20), () -> guard.held.get() == 0);
    }

    @Test
    void longHeadersAreRefusedHoweverManyTheyAre() throws Exception {
        balancing(builder -> builder.guard(Guard.maxHeaders(1_000)));
        start(backend("a", server -> {
            server.head();
            server.send(OK);
        }));
        String request = GET.substring(0, GET.length() - 2);
        assertThat(client().send(request + "X: " + "x".repeat(900) + "\r\n\r\n").response())
                .endsWith("ok");
        assertThat(client().send(request + "X: " + "x".repeat(1_000) + "\r\n\r\n")
                        .response())
                .startsWith("HTTP/1.1 431 ");
        assertThat(client().send(request + "X: 123456789012345\r\n".repeat(70) + "\r\n")
                        .response())
                .startsWith("HTTP/1.1 431 ");
    }

    @Test
    void bodyThatIsForbiddenReachesNobody() throws Exception {
        SeenGuard guard = new SeenGuard();
        guard.wantedBytes = 100;
        guard.forbidden = "secret";
        balancing(builder -> builder.guard(guard));
        var backend = backend("a", Wire::head);
        start(backend);
        assertThat(client().send(post("a secret")).response()).startsWith("HTTP/1.1 403 ");
        assertThat(outcome()).isEqualTo(Outcome.cancelled());
        assertThat(backend.connections()).isZero();
        assertThat(guard.bodies.poll(20, TimeUnit.SECONDS)).isEqualTo("a secret");
        Eventually.holds("no permits held", Duration.ofSeconds(20), () -> guard.held.get() == 0);
    }

    @Test
    void bodyInTinyChunksTakesNoMoreMemoryThanItFills() throws Exception {
        SeenGuard guard = new SeenGuard();
        guard.wantedBytes = 64 * 1024;
        balancing(builder -> builder.guard(guard));
        start(backend("a", server -> {
            server.head();
            server.chunked();
            server.send(OK);
        }));
        // 1 GB if each byte held a piece of 16 KB.
        Wire client = client().send(lines("POST / HTTP/1.1", "Host: chat.test", "Transfer-Encoding: chunked"));
        for (int i = 0; i < 64; i++) {
            client.send("1\r\nx\r\n".repeat(1024));
        }
        client.send("0\r\n\r\n");
        assertThat(client.response()).endsWith("ok");
        assertThat(guard.bodies.take()).hasSize(64 * 1024);
        assertThat(outcome()).isEqualTo(Outcome.success());
    }
}
