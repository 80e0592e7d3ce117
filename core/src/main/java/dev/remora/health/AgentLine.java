package dev.remora.health;

import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Reads until the end of the first line, or of the connection, or of what an agent may send. */
final class AgentLine implements CompletionHandler<Integer, CompletableFuture<ProbeAnswer>> {

    private static final int MAX_BYTES = 512;

    private final AsynchronousSocketChannel channel;
    private final ByteBuffer received = ByteBuffer.allocate(MAX_BYTES);

    private AgentLine(AsynchronousSocketChannel channel) {
        this.channel = channel;
    }

    static void read(AsynchronousSocketChannel channel, CompletableFuture<ProbeAnswer> answer) {
        new AgentLine(channel).readMore(answer);
    }

    private void readMore(CompletableFuture<ProbeAnswer> answer) {
        channel.read(received, answer, this);
    }

    @Override
    public void completed(Integer count, CompletableFuture<ProbeAnswer> answer) {
        int end = endOfLine();
        if (end >= 0 || count < 0) {
            answer.complete(said(end >= 0 ? end : received.position()));
        } else if (!received.hasRemaining()) {
            answer.complete(ProbeAnswer.fail("the agent's line is longer than " + MAX_BYTES + " bytes"));
        } else {
            readMore(answer);
        }
    }

    @Override
    public void failed(Throwable failure, CompletableFuture<ProbeAnswer> answer) {
        answer.completeExceptionally(failure);
    }

    private int endOfLine() {
        for (int i = 0; i < received.position(); i++) {
            byte b = received.get(i);
            if (b == '\n' || b == '\r') {
                return i;
            }
        }
        return -1;
    }

    private ProbeAnswer said(int length) {
        AgentWords words = AgentWords.parse(new String(received.array(), 0, length, StandardCharsets.ISO_8859_1));
        return words.known().isEmpty()
                ? ProbeAnswer.fail("the agent says nothing that is known")
                : words.with(ProbeAnswer.pass(words.text()));
    }
}
