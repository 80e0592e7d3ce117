package dev.remora.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.affinity.AffinityRule;
import dev.remora.session.SessionMap;
import dev.remora.strategy.Strategy;
import dev.remora.wire.ScriptedBackend;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A client stays on the back end that has made its session's id, though its first request carried none. */
final class IssuedKeyTest extends GatewayFixture {

    private static final int SESSIONS = 20;

    private void gatewayThatLearns(AffinityRule rule, ScriptedBackend... backends) {
        gateway(
                settings -> settings.strategy(Strategy.roundRobin())
                        .affinity(rule)
                        .sessions(SessionMap.local(1_000, Duration.ofMinutes(5))),
                server -> {},
                backends);
    }

    /** Answers with its name, and makes an id for who has none; both stand in the body. */
    private static ScriptedBackend.Script speaking(String name, String withoutId, String response) {
        int[] made = new int[1];
        return server -> {
            String head = server.head();
            if (head.isEmpty()) {
                throw new IllegalStateException("closed");
            }
            boolean isFirst = !head.contains(withoutId);
            String id = name + "-" + (isFirst ? made[0]++ : "known");
            String body = isFirst ? "0{\"sid\":\"" + id + "\"}" : name;
            server.send(response.replace("ID", id).replace("LENGTH", String.valueOf(body.length())) + body);
        };
    }

    private String first(String target) {
        return client().send("GET " + target + " HTTP/1.1\r\nHost: chat.test\r\n\r\n")
                .response();
    }

    @Test
    void aHeaderOfTheResponseIsLearned() {
        String response = "HTTP/1.1 200 OK\r\nMcp-Session-Id: ID\r\nContent-Length: LENGTH\r\n\r\n";
        gatewayThatLearns(
                AffinityRule.issuedHeader("Mcp-Session-Id"),
                answering("a", speaking("a", "Mcp-Session-Id", response)),
                answering("b", speaking("b", "Mcp-Session-Id", response)),
                answering("c", speaking("c", "Mcp-Session-Id", response)));
        for (int i = 0; i < SESSIONS; i++) {
            String answer = first("/mcp");
            String id = answer.substring(answer.indexOf("\"sid\":\"") + 7, answer.lastIndexOf('"'));
            for (int again = 0; again < 4; again++) {
                assertThat(client().send("POST /mcp HTTP/1.1\r\nHost: chat.test\r\nMcp-Session-Id: " + id
                                        + "\r\nContent-Length: 0\r\n\r\n")
                                .response())
                        .endsWith("\r\n\r\n" + id.charAt(0));
            }
        }
    }

    @Test
    void theBeginningOfABodyIsLearned() {
        String response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: LENGTH\r\n\r\n";
        gatewayThatLearns(
                AffinityRule.socketIo(),
                answering("a", speaking("a", "sid=", response)),
                answering("b", speaking("b", "sid=", response)),
                answering("c", speaking("c", "sid=", response)));
        for (int i = 0; i < SESSIONS; i++) {
            String answer = first("/socket.io/?EIO=4&transport=polling");
            String id = answer.substring(answer.indexOf("\"sid\":\"") + 7, answer.lastIndexOf('"'));
            for (int again = 0; again < 4; again++) {
                assertThat(first("/socket.io/?EIO=4&transport=polling&sid=" + id))
                        .endsWith("\r\n\r\n" + id.charAt(0));
            }
        }
    }
}
