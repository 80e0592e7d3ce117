package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.LoadLimits;
import dev.remora.Waiting;
import dev.remora.exchange.Outcome;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Back ends that have as many streams as they may: requests wait, or are refused so that the client comes back. */
final class BusyBackendTest extends GatewayFixture {

    private final Semaphore answers = new Semaphore(0);
    private final AtomicInteger requests = new AtomicInteger();

    private ScriptedBackend slow() {
        return answering("a", server -> {
            assertThat(server.head()).isNotEmpty();
            requests.incrementAndGet();
            answers.acquire();
            server.send(OK);
        });
    }

    @AfterEach
    void answerWhoeverAsked() {
        answers.release(1_000);
    }

    private void gatewayForOne(Waiting waiting) {
        gateway(settings -> settings.waiting(waiting).limits(LoadLimits.none().withPending(1)), server -> {}, slow());
    }

    private Wire busy() {
        Wire client = client().send(GET);
        eventually("it is being served", () -> requests.get() == 1);
        return client;
    }

    @Test
    void aRequestWaitsForItsTurn() throws Exception {
        gatewayForOne(Waiting.upTo(0, 2).atMost(Duration.ofHours(1)));
        Wire first = busy();
        Wire second = client().send(GET);
        eventually("it waits", () -> balancer().stats().waiting() == 1);
        Wire third = client().send(GET);
        eventually("both wait", () -> balancer().stats().waiting() == 2);
        assertThat(client().send(GET).response())
                .as("the queue is full")
                .startsWith("HTTP/1.1 503 ")
                .containsIgnoringCase("retry-after: 1");
        answers.release();
        assertThat(first.response()).endsWith("ok");
        eventually("the next one is served", () -> requests.get() == 2);
        assertThat(balancer().stats().waiting()).isEqualTo(1);
        answers.release(2);
        assertThat(second.response()).endsWith("ok");
        assertThat(third.response()).endsWith("ok");
    }

    @Test
    void aClientThatLeavesWaitsNoMore() throws Exception {
        gatewayForOne(Waiting.upTo(0, 2).atMost(Duration.ofHours(1)));
        Wire first = busy();
        Wire second = client().send(GET);
        eventually("it waits", () -> balancer().stats().waiting() == 1);
        second.close();
        eventually("it is forgotten", () -> balancer().stats().waiting() == 0);
        answers.release();
        assertThat(first.response()).endsWith("ok");
        assertThat(outcome()).isEqualTo(Outcome.success());
        assertThat(requests).as("nobody asked for the one that left").hasValue(1);
    }

    @Test
    void patienceThatEndsIsA503() {
        gatewayForOne(Waiting.upTo(0, 2).atMost(Duration.ofNanos(1)));
        busy();
        assertThat(client().send(GET).response()).startsWith("HTTP/1.1 503 ").containsIgnoringCase("retry-after: 1");
        assertThat(balancer().stats().waiting()).isZero();
    }

    @Test
    void aPostThatWaitsKeepsItsBody() throws Exception {
        ScriptedBackend a = answering("a", server -> {
            String head = server.head();
            requests.incrementAndGet();
            if (head.startsWith("GET")) {
                answers.acquire();
                server.send(OK);
            } else {
                server.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + server.text(5));
            }
        });
        gateway(
                settings -> settings.waiting(Waiting.upTo(0, 1).atMost(Duration.ofHours(1)))
                        .limits(LoadLimits.none().withStreams(1)),
                server -> {},
                a);
        Wire first = busy();
        Wire second = client().send("POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 5\r\n\r\nhello");
        eventually("it waits", () -> balancer().stats().waiting() == 1);
        answers.release();
        assertThat(first.response()).endsWith("ok");
        assertThat(second.response()).endsWith("hello");
    }
}
