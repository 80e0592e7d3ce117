package dev.remora.examples.spring;

import dev.remora.Lease;
import java.io.IOException;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The events of a back end on their way to the client, the next one only when the last one has gone. */
final class EventRelay implements Subscriber<String> {

    private static final String DATA = "data:";

    private final Lease lease;
    private final SseEmitter client;
    private @Nullable Subscription lines;

    EventRelay(Lease lease, SseEmitter client) {
        this.lease = lease;
        this.client = client;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        lines = subscription;
        subscription.request(1);
    }

    @Override
    public void onNext(String line) {
        Subscription open = lines;
        if (open == null) {
            return;
        }
        try {
            if (line.startsWith(DATA)) {
                lease.event();
                client.send(line.substring(DATA.length()).strip());
            }
            open.request(1);
        } catch (IOException | IllegalStateException e) {
            // The client has left.
            open.cancel();
        }
    }

    // Who has asked hears of the end, too.
    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
}
