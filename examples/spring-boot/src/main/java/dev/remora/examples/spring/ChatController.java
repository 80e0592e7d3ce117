package dev.remora.examples.spring;

import dev.remora.Lease;
import dev.remora.exchange.FailureKind;
import dev.remora.exchange.Outcome;
import dev.remora.servlet.LoadBalancingFilter;
import jakarta.servlet.http.HttpServletRequest;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Asks the back end of the request's lease by itself, and hands on each event as it comes. */
@RestController
class ChatController {

    private static final long AS_LONG_AS_IT_TAKES = 0;

    private final HttpClient client = HttpClient.newHttpClient();

    @GetMapping("/chat")
    SseEmitter chat(@RequestParam String question, HttpServletRequest request) {
        var client = new SseEmitter(AS_LONG_AS_IT_TAKES);
        ask(LoadBalancingFilter.lease(request).orElseThrow(), question, request, client);
        return client;
    }

    private void ask(Lease lease, String question, HttpServletRequest request, SseEmitter events) {
        URI uri = lease.backend()
                .uri()
                .resolve("/answer?question=" + URLEncoder.encode(question, StandardCharsets.UTF_8));
        CompletableFuture<?> unused = client.sendAsync(
                        HttpRequest.newBuilder(uri).build(),
                        BodyHandlers.fromLineSubscriber(new EventRelay(lease, events)))
                .whenComplete((answer, failure) -> {
                    if (failure == null) {
                        events.complete();
                    } else if (failure.getCause() instanceof ConnectException) {
                        askAnother(question, request, events);
                    } else {
                        events.completeWithError(failure);
                    }
                });
    }

    /** Nothing was sent: the next back end may be asked, and the client is tied to that one. */
    private void askAnother(String question, HttpServletRequest request, SseEmitter events) {
        if (LoadBalancingFilter.retry(request, Outcome.failure(FailureKind.CONNECT)) instanceof Lease next) {
            ask(next, question, request, events);
        } else {
            events.completeWithError(new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE));
        }
    }
}
