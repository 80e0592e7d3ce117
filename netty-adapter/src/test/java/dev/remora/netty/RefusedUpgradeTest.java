package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.guard.Admission;
import dev.remora.guard.Guard;
import dev.remora.wire.Wire;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is pipelined behind an upgrade that the gateway itself refuses. */
final class RefusedUpgradeTest extends GatewayFixture {

    private static final String UPGRADE =
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nX-Denied: yes\r\n\r\n";
    private static final Guard GUARD =
            (request, origin) -> request.headers("x-denied").isEmpty()
                    ? Admission.admitted()
                    : Admission.denied("not now", Duration.ofSeconds(1));

    @Test
    void endOfTheRefusedRequestIsNotTheEndOfTheNextOne() {
        gateway(settings -> settings.guard(GUARD), server -> {}, answering("a", server -> {
            server.head();
            String body = server.chunked();
            server.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        }));
        Wire client = client();
        client.send(UPGRADE + "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
        assertThat(client.response()).startsWith("HTTP/1.1 429 ");
        client.send("7\r\n second\r\n0\r\n\r\n");
        assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("first second");
    }

    @Test
    void manyRefusedUpgradesAreAnsweredInOrder() {
        gateway(settings -> settings.guard(GUARD), server -> {}, answering("a", server -> {
            assertThat(server.head()).isNotEmpty();
            server.send(OK);
        }));
        int upgrades = 3000;
        Wire client = client().send(UPGRADE.repeat(upgrades) + GET);
        for (int i = 0; i < upgrades; i++) {
            assertThat(client.response()).as("answer %d", i).startsWith("HTTP/1.1 429 ");
        }
        assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("ok");
    }
}
