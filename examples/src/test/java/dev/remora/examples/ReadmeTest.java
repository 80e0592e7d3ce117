package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Drain;
import dev.remora.Draining;
import dev.remora.Lease;
import dev.remora.LoadBalancer;
import dev.remora.LoadBalancerBuilder;
import dev.remora.LoadLimits;
import dev.remora.Waiting;
import dev.remora.affinity.AffinityRule;
import dev.remora.affinity.ForeignCookie;
import dev.remora.affinity.StickyCookie;
import dev.remora.affinity.StickyCookie.Secure;
import dev.remora.guard.AddressSet;
import dev.remora.guard.ApiKeys;
import dev.remora.guard.Credentials;
import dev.remora.guard.Guard;
import dev.remora.guard.LimitKey;
import dev.remora.guard.Secret;
import dev.remora.guard.TokenBudget;
import dev.remora.health.HealthProbe;
import dev.remora.netty.GatewayServer;
import dev.remora.pool.Backend;
import dev.remora.ratelimit.Limit;
import dev.remora.ratelimit.RateLimiter;
import dev.remora.redis.Redis;
import dev.remora.redis.RedisRateLimiter;
import dev.remora.redis.RedisSessionMap;
import dev.remora.servlet.LoadBalancingFilter;
import dev.remora.servlet.ReverseProxyServlet;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
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

    static StickyCookie cookieOfTheReadme(byte[] newKey, byte[] oldKey) {
        return
        // README
        StickyCookie.signedWith(newKey)
                .alsoAccepting(oldKey)
                .named("__Host-chat")
                .secure(Secure.ALWAYS)
                .idle(Duration.ofHours(8))
                .maxAge(Duration.ofDays(7))
                .alsoReading(ForeignCookie.haproxy("SERVERID"));
        // END
    }

    static LoadBalancerBuilder sessionsOfTheReadme() {
        // README
        RedisSessionMap sessions = RedisSessionMap.builder(Redis.at("redis://10.0.0.9:6379"))
                .idle(Duration.ofHours(1))
                .build();
        LoadBalancerBuilder settings = LoadBalancer.builder()
                .affinity(AffinityRule.firstOf(
                        AffinityRule.issuedHeader("Mcp-Session-Id"), AffinityRule.header("X-Session-Id")))
                .sessions(sessions);
        // END
        return settings;
    }

    static LoadBalancerBuilder guardsOfTheReadme() {
        // README
        RedisRateLimiter tokens = RedisRateLimiter.builder(
                        Redis.at("redis://10.0.0.9:6379"), Limit.tokens(100_000, Duration.ofHours(1)))
                .build();
        RateLimiter requests = RateLimiter.local(
                        Limit.requests(60, Duration.ofMinutes(1)).withBurst(20))
                .build();
        LoadBalancerBuilder guarded = LoadBalancer.builder()
                .guard(Guard.denyAddresses(AddressSet.file(Path.of("/etc/remora/blocked"))))
                .guard(Guard.apiKeys(ApiKeys.file(Path.of("/etc/remora/keys"))))
                .guard(Guard.openStreams(LimitKey.caller(), 4))
                .guard(Guard.rate(LimitKey.caller(), requests))
                .guard(Guard.tokens(LimitKey.caller(), TokenBudget.of(tokens)))
                .credentials(Credentials.bearer(Secret.environment("OPENAI_API_KEY")));
        // END
        return guarded;
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

    static void proxyOfTheReadme(LoadBalancer balancer, ServletContext context) {
        // README
        ReverseProxyServlet proxy = ReverseProxyServlet.builder(balancer).build();
        ServletRegistration.Dynamic gateway = context.addServlet("remora", proxy);
        gateway.setAsyncSupported(true);
        gateway.addMapping("/v1/*");
        // END
    }

    static URI filterOfTheReadme(LoadBalancer balancer, ServletContext context, ServletRequest request) {
        // README
        FilterRegistration.Dynamic filter = context.addFilter("remora", new LoadBalancingFilter(balancer));
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), false, "/chat");

        Lease lease = LoadBalancingFilter.lease(request).orElseThrow(); // in the servlet
        URI backend = lease.backend().uri();
        // END
        return backend;
    }

    @Test
    void theCodeOfTheReadmeIsTheCodeOfThisTest() throws IOException {
        Path module = Path.of("").toAbsolutePath();
        String readme = Files.readString(module.resolveSibling("README.md"));
        String source = Files.readString(module.resolve("src/test/java/dev/remora/examples/ReadmeTest.java"));
        assertThat(blocks(readme, "```java\n(.*?)\n```"))
                .hasSize(8)
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
