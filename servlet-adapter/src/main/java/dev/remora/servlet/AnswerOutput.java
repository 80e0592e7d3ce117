package dev.remora.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The body of an answer on its way to the client, written only when the container takes it. What came together is flushed
 * together, at once. Used in the serial of its exchange; the container comes from outside.
 */
final class AnswerOutput implements WriteListener {

    private final Listener listener;
    private final Serial serial;
    private final ServletOutputStream out;
    private final Deque<ByteBuffer> pending = new ArrayDeque<>(2);
    // The head is on its way only when it is flushed.
    private boolean unflushed = true;
    private boolean headFirst;
    private boolean written;
    private boolean begun;
    private boolean ending;
    private boolean over;

    /** Hears how the output gets on; called in the serial. */
    interface Listener {

        /** All that was written is on its way: there is room for more. */
        void outputIdle();

        /** All of the answer is on its way. */
        void outputEnded();

        /** The client takes nothing any more. */
        void outputBroken();
    }

    AnswerOutput(Listener listener, Serial serial, ServletOutputStream out) {
        this.listener = listener;
        this.serial = serial;
        this.out = out;
    }

    /**
     * The head is set: the container may call.
     *
     * @param newHeadFirst whether the head leaves before any of the body, since the container may not take it
     */
    void begin(boolean newHeadFirst) {
        headFirst = newHeadFirst;
        out.setWriteListener(this);
    }

    /** Whether nothing waits to be taken by the client. */
    boolean isIdle() {
        return pending.isEmpty() && !unflushed;
    }

    /** Writes one burst. */
    void write(List<ByteBuffer> burst) {
        pending.addAll(burst);
        pump();
    }

    /** Writes the last bytes and tells when all is on its way. */
    void end(byte[] last) {
        if (last.length > 0) {
            pending.add(ByteBuffer.wrap(last));
        }
        ending = true;
        pump();
    }

    /** Writes nothing any more. */
    void abandon() {
        over = true;
        pending.clear();
    }

    @Override
    public void onWritePossible() {
        serial.execute(() -> {
            begun = true;
            pump();
        });
    }

    @Override
    public void onError(Throwable failure) {
        serial.execute(this::broken);
    }

    private void broken() {
        if (!over) {
            over = true;
            listener.outputBroken();
        }
    }

    private void pump() {
        try {
            while (begun && !over && out.isReady()) {
                if (!pending.isEmpty() && !headFirst) {
                    write(pending.remove());
                } else if (unflushed && (headFirst || !(ending && written))) {
                    headFirst = false;
                    unflushed = false;
                    out.flush();
                } else if (ending) {
                    // What is not flushed yet leaves with the end of the answer. A head that goes alone has left
                    // before, or the container would put a length of 0 into one that tells none, as in an answer to
                    // HEAD.
                    over = true;
                    listener.outputEnded();
                } else {
                    listener.outputIdle();
                    return;
                }
            }
        } catch (IOException e) {
            broken();
        }
    }

    private void write(ByteBuffer piece) throws IOException {
        byte[] bytes = new byte[piece.remaining()];
        piece.get(bytes);
        unflushed = true;
        written = true;
        out.write(bytes);
    }
}
