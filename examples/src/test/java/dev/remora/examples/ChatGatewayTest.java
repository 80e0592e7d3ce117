package dev.remora.examples;

import static dev.remora.examples.demo.Chat.question;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.examples.demo.Chat;
import dev.remora.examples.demo.DemoBackend;
import dev.remora.examples.demo.Pace;
import java.net.CookieManager;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ChatGatewayTest extends GatewayContract {

    ChatGatewayTest() {
        super("chat-gateway");
    }

    @Test
    void aHashNeedsNoMemory() throws Exception {
        String[] flags = {"--tokens-per-second", "5000", "--sticky", "header=X-Session", "--strategy", "rendezvous-hash"
        };
        try (var one = open(flags);
                var other = open(flags)) {
            assertThat(backendsOf(one, 8)).hasSize(1).isEqualTo(backendsOf(other, 8));
        }
    }

    @Test
    void gatewaysThatShareAKeyFileShareTheirClients() throws Exception {
        Path key =
                Files.write(folder.resolve("key"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
        try (var a = new DemoBackend("a", new Pace(5_000, 0), 1);
                var b = new DemoBackend("b", new Pace(5_000, 0), 1)) {
            a.start().join();
            b.start().join();
            String[] flags = {
                "--backend",
                "a=" + a.uri(),
                "--backend",
                "b=" + b.uri() + ",weight=3",
                "--cookie-key-file",
                key.toString()
            };
            // Cookies know no ports: one jar serves both gateways, as it would behind one name.
            HttpClient browser =
                    HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
            try (var one = open(flags);
                    var other = open(flags)) {
                var seen = new TreeSet<String>();
                for (int i = 0; i < 10; i++) {
                    seen.add(backend(Chat.send(browser, question(one.uri(), "hi", ",\"max_tokens\":1"))));
                    seen.add(backend(Chat.send(browser, question(other.uri(), "hi", ",\"max_tokens\":1"))));
                }
                assertThat(seen).hasSize(1);
            }
        }
    }
}
