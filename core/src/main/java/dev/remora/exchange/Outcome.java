package dev.remora.exchange;

import java.util.Objects;

/** How a stream ended, from the balancer's point of view: what it says of the back end. */
public sealed interface Outcome {

    /** The stream ended as the protocol demands: last content, or a close of an upgraded connection. */
    static Outcome success() {
        return Success.INSTANCE;
    }

    /** The back end did not do its part. */
    static Failure failure(FailureKind kind) {
        return new Failure(kind);
    }

    /** The client left, or the gateway gave up for a reason that says nothing of the back end. */
    static Outcome cancelled() {
        return Cancelled.INSTANCE;
    }

    /** See {@link Outcome#success()}. */
    enum Success implements Outcome {
        /** The only value. */
        INSTANCE
    }

    /**
     * See {@link Outcome#failure}.
     *
     * @param kind what the back end failed to do
     */
    record Failure(FailureKind kind) implements Outcome {
        /** Creates a failure. */
        public Failure {
            Objects.requireNonNull(kind, "kind");
        }
    }

    /** See {@link Outcome#cancelled()}. */
    enum Cancelled implements Outcome {
        /** The only value. */
        INSTANCE
    }
}
