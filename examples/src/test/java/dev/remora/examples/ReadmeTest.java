package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.LoadBalancer;
import dev.remora.affinity.StickyCookie;
import dev.remora.health.HealthProbe;
import dev.remora.netty.GatewayServer;
import dev.remora.pool.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The code of the README compiles: it stands here, letter by letter. */
class ReadmeTest {

    static GatewayServer gatewayOfTheReadme(byte[] key) {
        // README
        LoadBalancer balancer = LoadBalancer.builder()
                .backends(
                        Backend.of("a", "http://10.0.0.1:3210"),
                        Backend.of("b", "http://10.0.0.2:3210").withWeight(2))
                .stickyCookie(StickyCookie.signedWith(key))
                .healthProbe(HealthProbe.http("/healthz"))
                .build();
        GatewayServer gateway =
                GatewayServer.builder(balancer).host("0.0.0.0").port(8080).start();
        // END
        return gateway;
    }

    @Test
    void theCodeOfTheReadmeIsTheCodeOfThisTest() throws IOException {
        Path module = Path.of("").toAbsolutePath();
        String readme = Files.readString(module.resolveSibling("README.md"));
        String source = Files.readString(module.resolve("src/test/java/dev/remora/examples/ReadmeTest.java"));
        assertThat(between(readme, "```java\n", "\n```")).isEqualTo(between(source, "// README\n", "\n        // END"));
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start) + start.length();
        return text.substring(from, text.indexOf(end, from)).stripIndent();
    }
}
