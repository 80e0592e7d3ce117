package dev.remora.health;

import dev.remora.pool.Backend;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Asks over HTTP/1.1 with the JDK's client. */
record HttpProbe(String path, Timing timing) implements HealthProbe {

    HttpProbe {
        if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw new IllegalArgumentException("probe path: " + path + " (expected: /..., visible ASCII)");
        }
    }

    @Override
    public Prober prober(Executor executor) {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timing.timeout())
                .executor(executor)
                .build();
        return backend -> ask(client, backend);
    }

    @Override
    public HealthProbe with(Timing newTiming) {
        return new HttpProbe(path, newTiming);
    }

    private CompletableFuture<Boolean> ask(HttpClient client, Backend backend) {
        HttpRequest request = HttpRequest.newBuilder(backend.uri().resolve(path))
                .timeout(timing.timeout())
                .header("User-Agent", "remora-health")
                .GET()
                .build();
        return client.sendAsync(request, BodyHandlers.discarding())
                .thenApply(response -> response.statusCode() >= 200 && response.statusCode() < 400);
    }
}
