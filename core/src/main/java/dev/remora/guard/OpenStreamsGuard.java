package dev.remora.guard;

import dev.remora.exchange.RequestView;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/** One semaphore for the whole balancer. Its permits are the streams that may still open. */
final class OpenStreamsGuard implements Guard {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Semaphore free;
    private final Admission admitted;
    private final Admission denied;

    OpenStreamsGuard(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("openStreams: " + max + " (expected: >= 1)");
        }
        this.free = new Semaphore(max);
        this.admitted = Admission.admitted(outcome -> free.release());
        this.denied = Quotas.shed("too many open streams", RETRY_AFTER);
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        return free.tryAcquire() ? admitted : denied;
    }
}
