package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.io.UncheckedIOException;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;

/** Back ends that answer, and leave, while the request is still on its way to them. */
final class EarlyAnswerTest extends GatewayFixture {

    private static final int ROUNDS = 10;
    private static final String POST = "POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 1000000000\r\n\r\n";

    @Test
    void anAnswerBeforeTheEndOfTheRequestReachesTheClient() throws Exception {
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nlarge");
            // What it has not read makes this a reset.
        });
        gateway(a);
        for (int i = 0; i < ROUNDS; i++) {
            Wire client = client().send(POST);
            Thread upload = uploading(client);
            assertThat(client.response()).startsWith("HTTP/1.1 413 ").endsWith("large");
            client.close();
            upload.join();
            assertThat(outcome()).isEqualTo(Outcome.success());
        }
    }

    @Test
    void aResetDuringTheUploadIsNoEndOfABody() throws Exception {
        SynchronousQueue<String> seen = new SynchronousQueue<>();
        ScriptedBackend a = backend("a", server -> {
            server.head();
            server.send("HTTP/1.1 200 OK\r\n\r\nhello");
            seen.take();
            server.reset();
        });
        gateway(a);
        for (int i = 0; i < ROUNDS; i++) {
            Wire client = client().send(POST);
            Thread upload = uploading(client);
            assertThat(client.head()).startsWith("HTTP/1.1 200 ");
            assertThat(client.chunk()).isEqualTo("hello");
            seen.put("hello");
            assertThat(client.rest())
                    .as("what comes after the reset, without a last chunk")
                    .isEmpty();
            client.close();
            upload.join();
            assertThat(outcome()).isEqualTo(Outcome.failure(FailureKind.TRUNCATED));
        }
    }

    @Test
    void restOfAShortRequestIsReadAndTheConnectionGoesOn() throws Exception {
        ScriptedBackend a = answering("a", server -> {
            String head = server.head();
            assertThat(head).isNotEmpty();
            server.send(OK);
        });
        gateway(a);
        Wire client = client().send("POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 1000\r\n\r\n");
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(client.response()).endsWith("ok");
            assertThat(outcome()).isEqualTo(Outcome.success());
            client.send("x".repeat(999));
            client.send("x" + GET);
            assertThat(client.response()).endsWith("ok");
            assertThat(outcome()).isEqualTo(Outcome.success());
            client.send("POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 1000\r\n\r\n");
        }
    }

    private static Thread uploading(Wire client) {
        Thread upload = new Thread(() -> {
            byte[] piece = new byte[16 * 1024];
            try {
                while (!client.socket().isClosed()) {
                    client.send(piece);
                }
            } catch (UncheckedIOException e) {
                // The gateway has closed.
            }
        });
        upload.setDaemon(true);
        upload.start();
        return upload;
    }
}
