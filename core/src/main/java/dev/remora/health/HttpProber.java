package dev.remora.health;

import dev.remora.http.JdkHostHeader;
import dev.remora.pool.Backend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks with the JDK's client: one thread of its own waits for all connections, the probes' executor does the work. The client
 * of Java 17 has no end of its own: its thread ends when nobody holds it any more.
 */
final class HttpProber implements HealthProbe.Prober {

    private final HttpHealthProbe probe;

    // Null once closed.
    private volatile @Nullable HttpClient client;

    HttpProber(HttpHealthProbe probe, Executor executor) {
        this.probe = probe;
        JdkHostHeader.allow();
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(probe.timing().timeout())
                .executor(executor);
        probe.sslContext().ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    @Override
    public CompletableFuture<ProbeAnswer> probe(Backend backend) {
        HttpClient asking = client;
        if (asking == null) {
            return CompletableFuture.completedFuture(ProbeAnswer.fail("closed"));
        }
        try {
            // The client looks the name up once more, from memory. A lookup that hangs must hang here, where no second
            // question to this back end follows it.
            InetAddress unused = InetAddress.getByName(backend.host());
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<HttpResponse<String>> response = asking.sendAsync(request(backend), bodyHandler());
        CompletableFuture<ProbeAnswer> answer = response.thenApply(this::judge);
        // Cancelling what is late must reach the connection, also while its body comes.
        CompletableFuture<ProbeAnswer> unused = answer.whenComplete((judged, failure) -> response.cancel(true));
        return answer;
    }

    @Override
    public void close() {
        client = null;
    }

    private HttpRequest request(Backend backend) {
        HttpRequest.Builder request = HttpRequest.newBuilder(target(backend))
                .timeout(probe.timing().timeout())
                .setHeader("User-Agent", "remora-health")
                .method(probe.method(), BodyPublishers.noBody());
        probe.headers().forEach(request::setHeader);
        return request.build();
    }

    private URI target(Backend backend) {
        boolean tls = probe.tls().orElse(backend.secure());
        int port = probe.port().orElse(backend.port());
        return URI.create((tls ? "https://" : "http://") + backend.uri().getHost() + ":" + port + probe.path());
    }

    private BodyHandler<String> bodyHandler() {
        boolean read = probe.body().isPresent();
        return head -> read && probe.statuses().test(head.statusCode())
                ? new BodyPrefix(HttpHealthProbe.MAX_BODY)
                : new BodyPrefix(0);
    }

    private ProbeAnswer judge(HttpResponse<String> response) {
        ProbeAnswer verdict = verdict(response.statusCode(), response.body());
        Optional<String> words = probe.agentHeader().flatMap(response.headers()::firstValue);
        return words.map(line -> AgentWords.parse(line).with(verdict)).orElse(verdict);
    }

    private ProbeAnswer verdict(int status, String body) {
        String reason = "status " + status;
        if (!probe.statuses().test(status)) {
            return ProbeAnswer.fail(reason);
        }
        Optional<Pattern> pattern = probe.body();
        if (pattern.isPresent() && !BoundedSearch.find(pattern.get(), body)) {
            return ProbeAnswer.fail(reason + ", but the body does not match");
        }
        return ProbeAnswer.pass(reason);
    }
}
