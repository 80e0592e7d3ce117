package dev.remora.wire;

import dev.remora.exchange.Outcome;
import dev.remora.exchange.RequestView;
import dev.remora.exchange.Usage;
import dev.remora.guard.Admission;
import dev.remora.guard.Guard;
import dev.remora.guard.Permit;
import dev.remora.guard.Visitor;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Admits all, and writes down what it is told of their tokens and bodies. */
public final class SeenGuard implements Guard {

    public final BlockingQueue<Usage> usages = new LinkedBlockingQueue<>();
    public final BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
    public final AtomicInteger held = new AtomicInteger();
    public volatile long mostOutputTokens = Long.MAX_VALUE;
    public volatile int wantedBytes;
    public volatile String forbidden = "never said";

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        held.incrementAndGet();
        return Admission.admitted(new Seen());
    }

    private final class Seen implements Permit {

        @Override
        public void ended(Outcome outcome) {
            held.decrementAndGet();
        }

        @Override
        public int wantsRequestBody() {
            return wantedBytes;
        }

        @Override
        public Optional<Admission.Denied> requestBody(ByteBuffer beginning) {
            String body = StandardCharsets.ISO_8859_1.decode(beginning).toString();
            bodies.add(body);
            return body.contains(forbidden)
                    ? Optional.of(new Admission.Denied(Problem.of(403, "Forbidden", ""), HeaderEdits.none()))
                    : Optional.empty();
        }

        @Override
        public boolean wantsUsage() {
            return true;
        }

        @Override
        public boolean used(Usage soFar) {
            usages.add(soFar);
            return soFar.outputTokens() <= mostOutputTokens;
        }
    }
}
