package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.guard.Guard;
import dev.remora.guard.LimitKey;
import dev.remora.guard.NginxLimitReq;
import dev.remora.guard.TokenBudget;
import dev.remora.health.HealthPolicy;
import dev.remora.inspect.Inspection;
import dev.remora.inspect.Inspector;
import dev.remora.inspect.RuleSet;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.RateLimiter;
import dev.remora.wire.Wire;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Clients that do all that guards watch for, and leave in the middle of it, at random: whatever a guard has granted is given
 * back.
 */
final class GuardedTrafficTest extends GuardFixture {

    private static final int CLIENTS = 12;
    private static final int VISITS = 100;
    private static final int OPEN = 4;
    private static final String CHAT = "{\"max_tokens\":5}";

    @Test
    void allIsGivenBack() throws Exception {
        RateLimiter tokens = limiter(Limit.tokens(1_000_000, MINUTE));
        GatewayServer gateway = start(
                balancer -> balancer.health(HealthPolicy.none()),
                server -> server.eventLoopThreads(2).replayBodies(1_000),
                Guard.limitReq(ADDRESS, NginxLimitReq.perSecond(1_000).burst(20)),
                Guard.openStreams(ADDRESS, OPEN),
                Guard.tokens(LimitKey.everybody(), TokenBudget.of(tokens).readingBodies(1_000)),
                Inspection.by(Inspector.rules(RuleSet.builtIn())).bodies(2_000).guard());
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(i);
                clients.add(threads.submit(() -> visits(gateway.port(), random)));
            }
            int answers = 0;
            for (Future<Integer> client : clients) {
                answers += client.get(120, TimeUnit.SECONDS);
            }
            assertThat(answers).as("answers that somebody stayed for").isGreaterThan(CLIENTS * VISITS / 4);
        } finally {
            threads.shutdownNow();
        }
        eventually("no permits held", () -> permits() == 0);
        for (int address = 0; address < 3; address++) {
            allPlacesAreFree(address);
        }
    }

    private void allPlacesAreFree(int address) {
        for (int i = 0; i < OPEN; i++) {
            assertThat(client().send(upgrade("/ws", from("192.0.2." + address))).head())
                    .startsWith("HTTP/1.1 101 ");
        }
        assertThat(client().send(get("/", from("192.0.2." + address))).response())
                .contains("too many open streams");
    }

    /** How many answers it has stayed for. */
    private static int visits(int port, Random random) {
        int answers = 0;
        for (int i = 0; i < VISITS; i++) {
            try (Wire client = Wire.to(port)) {
                client.send(visit(random));
                if (random.nextBoolean()) {
                    String head = client.head();
                    assertThat(head).matches("(?s)HTTP/1.1 (101|200|429) .*");
                    answers++;
                }
                if (random.nextBoolean()) {
                    client.reset();
                }
            } catch (UncheckedIOException e) {
                // It was too late to send more.
            }
        }
        return answers;
    }

    private static String visit(Random random) {
        String from = from("192.0.2." + random.nextInt(3));
        return switch (random.nextInt(6)) {
            case 0 -> get("/events", from);
            case 1 -> upgrade("/ws", from) + "frame";
            case 2 -> get("/", from).repeat(3);
            case 3 -> request("POST", "/", from, "Transfer-Encoding: chunked") + chunk(CHAT) + lines("0");
            case 4 -> post("/", CHAT, from) + get("/events", from);
            default -> post("/", CHAT, from);
        };
    }
}
