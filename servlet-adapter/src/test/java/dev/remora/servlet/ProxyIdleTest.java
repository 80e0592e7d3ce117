package dev.remora.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.pool.Backend;
import dev.remora.wire.Wire;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No thread waits while a stream is silent, and none is started for a request. */
class ProxyIdleTest extends ProxyFixture {

    private static final int STREAMS = 2_000;
    private static final int THREADS = 50;
    // With those before them less than Tomcat takes on one connection.
    private static final int REQUESTS = 50;

    /** A back end that begins an event stream on each connection, with one thread for all. */
    private static final class SilentBackend implements AutoCloseable {

        private final ServerSocketChannel server = ServerSocketChannel.open();
        private final List<SocketChannel> streams = new CopyOnWriteArrayList<>();

        SilentBackend() throws IOException {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), STREAMS);
            Thread acceptor = new Thread(this::accept, "silent back end");
            acceptor.setDaemon(true);
            acceptor.start();
        }

        private void accept() {
            try {
                while (true) {
                    SocketChannel stream = server.accept();
                    stream.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    // The request is short and comes at once.
                    stream.read(ByteBuffer.allocate(4096));
                    send(stream, EVENTS);
                    streams.add(stream);
                }
            } catch (IOException e) {
                // Closed at the end of the test.
            }
        }

        private static void send(SocketChannel stream, String text) throws IOException {
            stream.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }

        void sendToAll(String text) throws IOException {
            for (SocketChannel stream : streams) {
                send(stream, text);
            }
        }

        Backend backend() throws IOException {
            return Backend.of("a", "http://127.0.0.1:" + ((InetSocketAddress) server.getLocalAddress()).getPort());
        }

        @Override
        public void close() throws IOException {
            server.close();
            for (SocketChannel stream : streams) {
                stream.close();
            }
        }
    }

    /** @param asking those of clients that ask for an upgrade, and get a stream instead, are no others */
    @ParameterizedTest
    @ValueSource(strings = {"", "Connection: Upgrade\r\nUpgrade: websocket\r\n"})
    void twoThousandSilentStreamsHoldNoThread(String asking) throws Exception {
        SilentBackend backend = closing(new SilentBackend());
        containing(site -> site.workerThreads = THREADS);
        start(backend.backend());
        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            clients.add(client().send(GET.replace("\r\n\r\n", "\r\n" + asking + "\r\n")));
        }
        for (Wire client : clients) {
            assertThat(client.head()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(proxy().openStreams()).isEqualTo(STREAMS);
        assertThat(balancer().stats().openStreams()).isEqualTo(STREAMS);
        assertThat(container().busyThreads()).as("threads that serve").isLessThanOrEqualTo(THREADS / 2);
        for (int i = 0; i < 2; i++) {
            backend.sendToAll("9\r\ndata: " + i + "\n\n\r\n");
            for (Wire client : clients) {
                assertThat(client.chunk()).isEqualTo("data: " + i + "\n\n");
            }
        }
        backend.sendToAll("0\r\n\r\n");
        for (Wire client : clients) {
            assertThat(client.chunked()).isEmpty();
        }
    }

    // The JDK's client would start one for each, where there are two processors.
    @Test
    void requestsStartNoThreads() throws Exception {
        start(backend("a", server -> {
            while (!server.head().isEmpty()) {
                server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        }));
        Wire client = client();
        ask(client, 40);
        long before = ManagementFactory.getThreadMXBean().getTotalStartedThreadCount();
        ask(client, REQUESTS);
        assertThat(ManagementFactory.getThreadMXBean().getTotalStartedThreadCount() - before)
                .as("threads that were started")
                .isLessThan(REQUESTS / 5);
    }

    private static void ask(Wire client, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(client.send(GET).response()).endsWith("ok");
        }
    }
}
