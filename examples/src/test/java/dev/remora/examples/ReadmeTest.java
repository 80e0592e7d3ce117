package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Drain;
import dev.remora.Draining;
import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.LoadLimits;
import dev.remora.Waiting;
import dev.remora.affinity.StickyCookie;
import dev.remora.health.HealthProbe;
import dev.remora.netty.GatewayServer;
import dev.remora.pool.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The code of the README compiles: it stands here, letter by letter. */
class ReadmeTest {

    private static final Logger log = LoggerFactory.getLogger(ReadmeTest.class);

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

    static void drainOfTheReadme(LoadBalancer balancer) {
        // README
        Draining drain = balancer.drain("a", Drain.softly(Duration.ofMinutes(1)).until(Duration.ofMinutes(10)));
        drain.empty().thenRun(() -> log.info("a has no streams any more"));
        if (drain.openStreams() > 500) {
            drain.cancel();
        }
        // END
    }

    static LoadBalancerBuilder limitsOfTheReadme() {
        return
        // README
        LoadBalancer.builder()
                .limits(LoadLimits.none().withStreamsPerBackend(100).withPendingPerBackend(20))
                .waiting(Waiting.upTo(50, 200).atMost(Duration.ofSeconds(5)));
        // END
    }

    @Test
    void theCodeOfTheReadmeIsTheCodeOfThisTest() throws IOException {
        Path module = Path.of("").toAbsolutePath();
        String readme = Files.readString(module.resolveSibling("README.md"));
        String source = Files.readString(module.resolve("src/test/java/dev/remora/examples/ReadmeTest.java"));
        assertThat(blocks(readme, "```java\n(.*?)\n```"))
                .hasSize(3)
                .isEqualTo(blocks(source, "        // README\n(.*?)\n        // END"));
    }

    private static List<String> blocks(String text, String form) {
        return Pattern.compile(form, Pattern.DOTALL)
                .matcher(text)
                .results()
                .map(block -> block.group(1).stripIndent())
                .toList();
    }
}
