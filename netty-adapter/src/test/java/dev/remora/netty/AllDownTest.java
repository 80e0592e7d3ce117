package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.wire.ScriptedBackend;
import dev.remora.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All back ends die at once and come back: refusals meanwhile are honest, and the first request after it is served. */
final class AllDownTest extends GatewayFixture {

    private static final int BACKENDS = 3;

    @Test
    void theFirstRequestAfterTheReturnIsServed() throws Exception {
        List<ScriptedBackend> pool = new ArrayList<>();
        for (int i = 0; i < BACKENDS; i++) {
            pool.add(start("b" + i));
        }
        gateway(pool.toArray(ScriptedBackend[]::new));
        Wire client = client();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.send(GET).response()).startsWith("HTTP/1.1 200 ");
            }
            pool.forEach(ScriptedBackend::kill);
            for (int i = 0; i < 10; i++) {
                assertThat(client.send(GET).response()).startsWith("HTTP/1.1 502 ");
            }
            for (int i = 0; i < BACKENDS; i++) {
                pool.set(i, restart(pool.get(i)));
            }
        }
        assertThat(client.send(GET).response()).startsWith("HTTP/1.1 200 ");
    }

    private ScriptedBackend start(String name) {
        return answering(name, AllDownTest::answer);
    }

    private ScriptedBackend restart(ScriptedBackend killed) {
        return closing(ScriptedBackend.restarting(killed, server -> {
            while (true) {
                answer(server);
            }
        }));
    }

    private static void answer(Wire server) {
        assertThat(server.head()).isNotEmpty();
        server.send(OK);
    }
}
