package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.health.HealthPolicy;
import dev.remora.wire.Wire;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Clients and back ends that do all that HTTP allows, and leave in the middle of it, at random: nobody ever gets a byte
 * of another one's answer, and nothing is left open.
 */
final class RandomTrafficTest extends GatewayFixture {

    private static final int CLIENTS = 24;
    private static final int REQUESTS = 120;

    @Test
    void answersAreNeverMixedUp() throws Exception {
        gateway(
                settings -> settings.health(HealthPolicy.none()),
                server -> server.eventLoopThreads(2).maxIdleConnections(4),
                answering("a", RandomTrafficTest::serve),
                answering("b", RandomTrafficTest::serve),
                answering("c", RandomTrafficTest::serve));
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(new Client(i)));
            }
            int whole = 0;
            for (Future<Integer> client : clients) {
                whole += client.get(120, TimeUnit.SECONDS);
            }
            assertThat(whole).as("whole answers").isGreaterThan(CLIENTS * REQUESTS / 2);
        } finally {
            threads.shutdownNow();
        }
    }

    // The request says what to do: /id/size/way. Every byte of the answer is the last letter of the id.
    private static void serve(Wire server) {
        String head = server.head();
        assertThat(head).isNotEmpty();
        String[] parts =
                head.substring(head.indexOf('/') + 1, head.indexOf(" HTTP")).split("/", -1);
        if (head.contains("Content-Length") || head.contains("content-length")) {
            server.text(200);
        }
        String body = parts[0].substring(parts[0].length() - 1).repeat(Integer.parseInt(parts[1]));
        String id = "X-Id: " + parts[0] + "\r\n";
        switch (parts[2]) {
            case "length" ->
                server.send("HTTP/1.1 200 OK\r\n" + id + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            case "chunked" -> {
                server.send("HTTP/1.1 200 OK\r\n" + id + "Transfer-Encoding: chunked\r\n\r\n");
                server.send(Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");
            }
            case "goodbye" -> {
                server.send("HTTP/1.1 200 OK\r\n" + id + "Connection: close\r\n\r\n" + body);
                server.close();
            }
            case "cut" -> {
                server.send("HTTP/1.1 200 OK\r\n" + id + "Content-Length: 99999\r\n\r\n" + body);
                server.close();
            }
            case "late" -> {
                server.send("HTTP/1.1 200 OK\r\n" + id + "Content-Length: " + body.length() + "\r\n\r\n" + body);
                server.close();
            }
            default -> server.reset();
        }
    }

    private final class Client implements Callable<Integer> {
        private static final List<String> WAYS =
                List.of("length", "length", "length", "chunked", "chunked", "goodbye", "late", "cut", "reset");

        private final int number;
        private final Random random;
        private int whole;

        Client(int number) {
            this.number = number;
            this.random = new Random(number);
        }

        @Override
        public Integer call() {
            Wire wire = client();
            for (int i = 0; i < REQUESTS; i++) {
                String way = WAYS.get(random.nextInt(WAYS.size()));
                String id = "c" + number + "r" + i + (char) ('a' + random.nextInt(26));
                boolean post = random.nextBoolean();
                String request = (post ? "POST" : "GET") + " /" + id + "/" + (1 + random.nextInt(40_000)) + "/" + way
                        + " HTTP/1.1\r\nHost: a\r\n"
                        + (post ? "Content-Length: 200\r\n\r\n" + "p".repeat(200) : "\r\n");
                boolean leave = random.nextInt(10) == 0;
                if (leave || !exchange(wire, request, id)) {
                    wire.close();
                    wire = client();
                }
            }
            wire.close();
            return whole;
        }

        // False when the connection is of no more use.
        private boolean exchange(Wire wire, String request, String id) {
            String answer;
            try {
                answer = wire.send(request).response();
            } catch (UncheckedIOException | AssertionError e) {
                return false;
            }
            if (!answer.startsWith("HTTP/1.1 200 ")) {
                assertThat(answer).startsWith("HTTP/1.1 502 ");
                return !answer.contains("connection: close");
            }
            assertThat(answer).contains("X-Id: " + id + "\r\n");
            String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            assertThat(body.chars().allMatch(c -> c == id.charAt(id.length() - 1)))
                    .as("the body of %s is its own", id)
                    .isTrue();
            whole++;
            return true;
        }
    }
}
