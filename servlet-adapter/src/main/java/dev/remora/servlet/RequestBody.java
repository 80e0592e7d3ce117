package dev.remora.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request between client and back end. Nothing is read before somebody wants it, and no more than the back end
 * takes. It is passed on once; as long as what has been passed on stays within a bound, it is kept, so that it can be passed
 * on again.
 *
 * <p>Guards may want to see its beginning first: until there is enough of it, what arrives is gathered. Used in the serial of
 * its exchange; container and HTTP client come from outside.
 */
final class RequestBody implements ReadListener {

    private static final int PIECE_BYTES = 16 * 1024;
    private static final int MAX_KEPT_PIECES = 1024;
    // Within the time for one piece: no client that means well is slower.
    private static final int STEADY_BYTES = 16 * 1024;

    private final Listener listener;
    private final Serial serial;
    private final Source source;
    private final int maxKeptBytes;
    private final long maxBytes;
    // What the client announced and has not sent yet; negative when it did not say.
    private long leftBytes;

    private final Deque<ByteBuffer> held = new ArrayDeque<>(0);
    private final Deque<ByteBuffer> kept = new ArrayDeque<>(0);
    private @Nullable ServletInputStream in;
    private boolean received;
    private boolean passedOn;
    private boolean lost;
    private boolean ended;
    private int keptBytes;
    private long receivedBytes;
    private @Nullable Gathering gathering;
    private @Nullable Sending sending;

    /** Where the body comes from. To open it is to tell a client that waits for a word to send it. */
    @FunctionalInterface
    interface Source {
        ServletInputStream open() throws IOException;
    }

    /** Hears what becomes of a body; called in the serial. */
    interface Listener {

        /** A piece has come, or one is wanted. */
        void bodyMoved();

        /** So much of the beginning is there as was wanted, or all of it. */
        void bodyGathered(ByteBuffer beginning);

        /** The client has broken off. */
        void bodyBroken();

        /** It is longer than it may be. */
        void bodyTooLong();
    }

    /**
     * A body that nobody has read yet.
     *
     * @param announcedBytes its length; negative when that is not known; 0 when there is none
     * @param maxKeptBytes how much of what was passed on is kept; 0 for nothing
     * @param maxBytes how long it may be
     */
    RequestBody(Listener listener, Serial serial, Source source, long announcedBytes, int maxKeptBytes, long maxBytes) {
        this.listener = listener;
        this.serial = serial;
        this.source = source;
        this.leftBytes = announcedBytes;
        this.received = announcedBytes == 0;
        this.maxKeptBytes = maxKeptBytes;
        this.lost = maxKeptBytes == 0;
        this.maxBytes = maxBytes;
    }

    /** Whether the client has sent all of it. */
    boolean isReceived() {
        return received;
    }

    /** Whether all of it has come, and that was nothing. */
    boolean isEmpty() {
        return received && receivedBytes == 0;
    }

    /** Whether it can still be given to any back end: not a byte has left yet. */
    boolean isUntouched() {
        return !passedOn;
    }

    /** Whether it can be passed on from its beginning: nothing has left yet, or all that has is kept. */
    boolean isWhole() {
        return !passedOn || !lost;
    }

    /** Whether the back end, or a guard, waits for the client to send more. */
    boolean isClientsTurn() {
        return !received && (gathering != null || (sending != null && sending.demand > 0));
    }

    /** Reads so much of its beginning, and tells when it is there. */
    void gather(int bytes) {
        gathering = new Gathering(bytes);
        pump();
    }

    /** What the HTTP client sends: the body from its beginning, once. */
    BodyPublisher publisher() {
        long length = leftBytes < 0 && !received ? -1 : Math.max(leftBytes, 0) + receivedBytes;
        return new BodyPublisher() {
            @Override
            public long contentLength() {
                return length;
            }

            @Override
            public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
                serial.execute(() -> send(subscriber));
            }
        };
    }

    private void send(Flow.Subscriber<? super ByteBuffer> subscriber) {
        Sending next = new Sending(subscriber);
        sending = next;
        subscriber.onSubscribe(next);
    }

    /** Another back end is to get it: what has been passed on waits here again. */
    void rewind() {
        sending = null;
        if (!lost) {
            passedOn = false;
            keptBytes = 0;
            while (!kept.isEmpty()) {
                held.addFirst(kept.removeLast());
            }
        }
    }

    /** It will not be passed on a second time. */
    void forget() {
        lost = true;
        keptBytes = 0;
        kept.clear();
    }

    /** Nobody wants it any more. */
    void end() {
        ended = true;
        forget();
        held.clear();
        Sending open = sending;
        sending = null;
        if (open != null && !open.over) {
            open.over = true;
            open.subscriber.onError(new IOException("the exchange has ended"));
        }
    }

    // ---- what the container tells

    @Override
    public void onDataAvailable() {
        serial.execute(this::pump);
    }

    @Override
    public void onAllDataRead() {
        serial.execute(() -> {
            received = true;
            pump();
        });
    }

    @Override
    public void onError(Throwable failure) {
        serial.execute(this::broken);
    }

    private void broken() {
        if (!ended) {
            listener.bodyBroken();
        }
    }

    // ---- how it flows

    /** Passes on what can be passed on, and reads what is wanted. */
    private void pump() {
        try {
            while (!ended && step()) {
                // Each step looks anew at who wants what.
            }
        } catch (IOException e) {
            broken();
        }
    }

    /** Whether something has been done, so that more may be possible. */
    private boolean step() throws IOException {
        Gathering wanted = gathering;
        if (wanted != null && (received || receivedBytes >= wanted.bytes)) {
            gathering = null;
            listener.bodyGathered(wanted.gathered(held));
            return true;
        }
        Sending open = sending;
        if (open != null && !open.over && !held.isEmpty() && open.demand > 0) {
            pass(held.remove(), open);
            return true;
        }
        if (open != null && !open.over && held.isEmpty() && received) {
            open.over = true;
            open.subscriber.onComplete();
            return false;
        }
        return isClientsTurn() && read();
    }

    private boolean read() throws IOException {
        ServletInputStream reading = in;
        if (reading == null) {
            ServletInputStream opened = source.open();
            in = opened;
            opened.setReadListener(this);
            return false;
        }
        if (!reading.isReady()) {
            return false;
        }
        byte[] piece = new byte[leftBytes < 0 ? PIECE_BYTES : (int) Math.max(1, Math.min(PIECE_BYTES, leftBytes))];
        int bytes = reading.read(piece);
        if (bytes < 0) {
            received = true;
        } else {
            // What waits, or is kept, must not hold more memory than it fills.
            arrived(ByteBuffer.wrap(bytes < piece.length / 2 ? Arrays.copyOf(piece, bytes) : piece, 0, bytes));
        }
        return !ended;
    }

    private void arrived(ByteBuffer piece) {
        int bytes = piece.remaining();
        receivedBytes += bytes;
        leftBytes -= leftBytes < 0 ? 0 : bytes;
        received |= leftBytes == 0 && bytes > 0;
        if (receivedBytes > maxBytes) {
            listener.bodyTooLong();
            return;
        }
        held.add(piece);
        if (gathering == null || gathering.hasGrown(receivedBytes)) {
            listener.bodyMoved();
        }
    }

    private void pass(ByteBuffer piece, Sending open) {
        passedOn = true;
        if (!lost) {
            keep(piece);
        }
        open.demand--;
        open.subscriber.onNext(piece.duplicate());
    }

    private void keep(ByteBuffer piece) {
        if (piece.remaining() > maxKeptBytes - keptBytes || kept.size() == MAX_KEPT_PIECES) {
            forget();
            return;
        }
        keptBytes += piece.remaining();
        kept.add(piece);
    }

    /** One passing on; what is left of an earlier one is not heard. */
    private final class Sending implements Flow.Subscription {

        private final Flow.Subscriber<? super ByteBuffer> subscriber;
        private long demand;
        private boolean over;

        Sending(Flow.Subscriber<? super ByteBuffer> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long pieces) {
            serial.execute(() -> {
                demand = demand + pieces < 0 ? Long.MAX_VALUE : demand + pieces;
                if (sending == this) {
                    pump();
                    listener.bodyMoved();
                }
            });
        }

        @Override
        public void cancel() {
            serial.execute(() -> over = true);
        }
    }

    /** The beginning that a guard wants to see. */
    private static final class Gathering {

        private final int bytes;
        private long steadyBytes;

        Gathering(int bytes) {
            this.bytes = bytes;
        }

        // Whether so much more has arrived that the client may take time for the next: one that drips may not.
        boolean hasGrown(long receivedBytes) {
            if (receivedBytes - steadyBytes < STEADY_BYTES) {
                return false;
            }
            steadyBytes = receivedBytes;
            return true;
        }

        ByteBuffer gathered(Deque<ByteBuffer> pieces) {
            int there = pieces.stream().mapToInt(ByteBuffer::remaining).sum();
            ByteBuffer beginning = ByteBuffer.allocate(Math.min(bytes, there));
            for (ByteBuffer piece : pieces) {
                int wanted = Math.min(piece.remaining(), beginning.remaining());
                beginning.put(piece.duplicate().limit(piece.position() + wanted));
            }
            return beginning.flip().asReadOnlyBuffer();
        }
    }
}
