package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/**
 * Event streams that are open through a gateway while something happens beside them. On each {@link #beat} every one of
 * them brings one event more, so a lost, doubled or torn event is seen at once.
 */
final class LiveStreams {

    private static final String END = "";

    // One for each stream that a back end serves: what it is to send next.
    private final Queue<BlockingQueue<String>> served = new ConcurrentLinkedQueue<>();
    private final List<Wire> clients = new ArrayList<>();
    private int beats;

    /** What a back end does on one connection: serves {@code /stream} for as long as the test wants, and answers all else. */
    void serve(Wire server) throws InterruptedException {
        String head = server.head();
        assertThat(head).isNotEmpty();
        if (head.startsWith("GET /stream")) {
            stream(server);
        } else {
            server.send(GatewayFixture.OK);
        }
    }

    private void stream(Wire server) throws InterruptedException {
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        server.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        served.add(events);
        for (String event = events.take(); !event.equals(END); event = events.take()) {
            server.send(Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
        }
        server.send("0\r\n\r\n");
    }

    /** Opens so many streams, and sees the heads of their answers. */
    void open(int count, Supplier<Wire> connect) {
        for (int i = 0; i < count; i++) {
            Wire client = connect.get();
            assertThat(client.send("GET /stream HTTP/1.1\r\nHost: chat.test\r\n\r\n")
                            .head())
                    .startsWith("HTTP/1.1 200 ");
            clients.add(client);
        }
        GatewayFixture.eventually("all streams are served", () -> served.size() == clients.size());
    }

    /** Every stream brings one event, whole and in its turn. */
    void beat() {
        String event = "data: " + ++beats + "\n\n";
        served.forEach(events -> events.add(event));
        for (Wire client : clients) {
            assertThat(client.chunk()).isEqualTo(event);
        }
    }

    /** All streams end, and their clients see the proper end. */
    void end() {
        served.forEach(events -> events.add(END));
        for (Wire client : clients) {
            assertThat(client.chunked()).as("nothing but the last chunk").isEmpty();
        }
    }
}
