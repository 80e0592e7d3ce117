package dev.remora.relay;

import dev.remora.EndRequest;
import dev.remora.Lease;
import dev.remora.http.EventStreamEvents;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The events of one answer as they pass: they are counted, and so are the tokens that they carry if somebody wants to know;
 * and it is known where the stream may end before its time.
 *
 * <p>That is between two events. Politely it may end if the client will ask for the rest. A browser does so by itself; that
 * it misses nothing shows in the ids of events, which it then sends back. When its tokens are used up it may end if it is
 * a chat completion, which can say that it was cut.
 */
final class PassingEvents implements PassingBody {

    // Enough for the event that has begun, or for what follows the end of an answer.
    private static final int MAX_REST_BYTES = 64 * 1024;

    private final EventStreamEvents events = new EventStreamEvents();
    private final Lease lease;
    private final Resumption resumption;
    private final boolean chunked;
    private final @Nullable TokenCount tokens;
    private boolean marked;
    private boolean exhausted;
    private int restBytes;

    /** @param chunked whether the body can end before its time and be whole */
    PassingEvents(Lease lease, Resumption resumption, boolean chunked) {
        this.lease = lease;
        this.resumption = resumption;
        this.chunked = chunked;
        this.tokens = lease.wantsUsage() ? new TokenCount(lease) : null;
        markIfResumable();
    }

    @Override
    public int pass(ByteBuffer bytes) {
        int at = bytes.position();
        int end = bytes.limit();
        int mayEndAt = NOWHERE;
        while (at < end && !(exhausted && mayEndAt >= 0)) {
            boolean ended = next(bytes.get(at));
            at++;
            if (ended) {
                lease.event();
                markIfResumable();
                if (mayEndHere()) {
                    mayEndAt = at - bytes.position();
                }
            }
        }
        if (mayEndHere()) {
            mayEndAt = at - bytes.position();
        }
        if (exhausted) {
            restBytes += at - bytes.position();
        }
        return mayEndAt;
    }

    // Whether the byte ends an event.
    private boolean next(byte b) {
        boolean ended = events.next(b);
        if (tokens != null) {
            if (ended) {
                tokens.ended();
            }
            tokens.scanner().next(b, events.isInData());
        }
        return ended;
    }

    @Override
    public void burstEnded() {
        if (tokens != null) {
            tokens.tell();
        }
    }

    @Override
    public void ended() {
        burstEnded();
    }

    @Override
    public boolean mayEndHere() {
        return events.isBetweenEvents() && (exhausted ? earlyEnd().isPresent() : isResumable());
    }

    @Override
    public boolean exhaust() {
        exhausted = true;
        // An answer that is over is not cut: the little that follows costs nothing.
        return (tokens != null && tokens.scanner().isFinished()) || earlyEnd().isPresent();
    }

    @Override
    public boolean isExhausted() {
        return exhausted;
    }

    @Override
    public boolean isOverrun() {
        return restBytes > MAX_REST_BYTES;
    }

    private Optional<byte[]> earlyEnd() {
        return tokens == null || !chunked ? Optional.empty() : tokens.scanner().earlyEnd();
    }

    private boolean isResumable() {
        return resumption == Resumption.ALWAYS || (resumption == Resumption.BY_ID && events.hasLastEventId());
    }

    private void markIfResumable() {
        if (!marked && isResumable()) {
            marked = true;
            lease.markResumable();
        }
    }

    @Override
    public byte[] farewell(EndRequest wish, RandomGenerator random) {
        return exhausted ? earlyEnd().orElseThrow() : retry(wish, random);
    }

    // Half to one and a half of the wished time, so that not all ask again at once.
    private static byte[] retry(EndRequest wish, RandomGenerator random) {
        long millis = Math.round(wish.retryAfter().toMillis() * (0.5 + random.nextDouble()));
        return ("retry: " + millis + "\n\n").getBytes(StandardCharsets.US_ASCII);
    }
}
