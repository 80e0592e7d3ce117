package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.StickyCookie;
import dev.remora.strategy.Strategy;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A back end is killed under 300 event streams: only its own break, and its clients move for good. */
final class ManyStreamsTest extends GatewayFixture {

    private static final int STREAMS = 300;
    private static final int EVENTS = 40;

    private final CountDownLatch begun = new CountDownLatch(STREAMS);
    private final CountDownLatch killed = new CountDownLatch(1);

    @Test
    void onlyTheStreamsOfTheKilledBackEndBreak() throws Exception {
        ScriptedBackend a = answering("a", server -> stream(server, "a"));
        ScriptedBackend b = answering("b", server -> stream(server, "b"));
        ScriptedBackend c = answering("c", server -> stream(server, "c"));
        gateway(
                settings ->
                        settings.strategy(Strategy.roundRobin()).stickyCookie(StickyCookie.signedWith(new byte[32])),
                server -> server.eventLoopThreads(2),
                a,
                b,
                c);
        ExecutorService clients = Executors.newFixedThreadPool(STREAMS);
        try {
            List<Future<Story>> stories = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                stories.add(clients.submit(new Client()));
            }
            assertThat(begun.await(60, TimeUnit.SECONDS))
                    .as("all streams have begun")
                    .isTrue();
            assertThat(balancer().stats().openStreams()).isEqualTo(STREAMS);
            b.kill();
            killed.countDown();
            int broken = 0;
            for (Future<Story> each : stories) {
                Story story = each.get(60, TimeUnit.SECONDS);
                if (story.first.equals("b")) {
                    broken++;
                    assertThat(story.whole)
                            .as("a stream of the killed back end is not whole")
                            .isFalse();
                    assertThat(story.second).as("its client moves").isNotEqualTo("b");
                } else {
                    assertThat(story.whole)
                            .as("a stream of another back end is whole")
                            .isTrue();
                    assertThat(story.second).as("its client stays").isEqualTo(story.first);
                }
                assertThat(story.third).as("who has moved stays").isEqualTo(story.second);
            }
            assertThat(broken).isEqualTo(STREAMS / 3);
        } finally {
            clients.shutdownNow();
        }
    }

    private void stream(Wire server, String name) throws Exception {
        String head = server.head();
        assertThat(head).isNotEmpty();
        if (head.startsWith("GET /who")) {
            server.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + name);
            return;
        }
        server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < EVENTS; i++) {
            String event = "data: " + name + " " + i + "\n\n";
            server.send(Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
            if (i == EVENTS / 2) {
                killed.await();
            }
        }
        server.send("0\r\n\r\n");
    }

    private final class Client implements Callable<Story> {
        private String cookie = "";

        @Override
        public Story call() {
            Story story = new Story();
            try (Wire wire = client()) {
                wire.send(request("/stream"));
                keepCookie(wire.head());
                readEvents(wire, story);
            }
            story.second = ask();
            story.third = ask();
            return story;
        }

        private void readEvents(Wire wire, Story story) {
            try {
                for (int i = 0; i < EVENTS; i++) {
                    String event = wire.chunk();
                    story.first = event.substring(6, 7);
                    assertThat(event).isEqualTo("data: " + story.first + " " + i + "\n\n");
                    if (i == EVENTS / 2) {
                        begun.countDown();
                    }
                }
                story.whole = wire.chunked().isEmpty();
            } catch (java.io.UncheckedIOException | AssertionError e) {
                story.whole = false;
            }
        }

        private String ask() {
            try (Wire wire = client()) {
                String response = wire.send(request("/who")).response();
                keepCookie(response);
                return response.substring(response.length() - 1);
            }
        }

        private String request(String path) {
            return "GET " + path + " HTTP/1.1\r\nHost: chat.test\r\n" + cookie + "\r\n";
        }

        private void keepCookie(String head) {
            int at = head.toLowerCase(Locale.ROOT).indexOf("set-cookie: ");
            if (at >= 0) {
                cookie = "Cookie: " + head.substring(at + 12, head.indexOf(';', at)) + "\r\n";
            }
        }
    }

    private static final class Story {
        private String first = "";
        private boolean whole;
        private String second = "";
        private String third = "";
    }
}
