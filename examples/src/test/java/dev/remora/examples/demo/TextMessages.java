package dev.remora.examples.demo;

import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Collects the text messages of a WebSocket; an end of the connection is the message {@link #CLOSED}. */
public final class TextMessages implements WebSocket.Listener {

    public static final String CLOSED = "<closed>";

    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private volatile int closeCode;

    /** The messages up to the next {@code [DONE]}, put together. */
    public String answer() throws InterruptedException {
        var answer = new StringBuilder();
        for (String next = next(); !next.equals("[DONE]"); next = next()) {
            answer.append(next);
            if (next.equals(CLOSED)) {
                break;
            }
        }
        return answer.toString();
    }

    /** The next message. */
    public String next() throws InterruptedException {
        String next = messages.poll(30, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no message within 30 s");
        }
        return next;
    }

    /** The code of the close frame; 0 if none has come. */
    public int closeCode() {
        return closeCode;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            messages.add(partial.toString());
            partial.setLength(0);
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
        closeCode = status;
        messages.add(CLOSED);
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        messages.add(CLOSED);
    }
}
