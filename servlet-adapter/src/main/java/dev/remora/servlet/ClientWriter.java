package dev.remora.servlet;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The response's body as text, over the container's own writer, which knows the encoding. That one never throws, so a
 * client that has gone is noticed at the next flush.
 */
final class ClientWriter extends Writer {

    private final PrintWriter out;
    private final ServletExchange exchange;

    ClientWriter(PrintWriter out, ServletExchange exchange) {
        this.out = out;
        this.exchange = exchange;
    }

    @Override
    public void write(int character) throws IOException {
        exchange.send(() -> out.write(character));
    }

    @Override
    public void write(char[] chars, int offset, int length) throws IOException {
        exchange.bodyPasses(() -> StandardCharsets.UTF_8.encode(CharBuffer.wrap(chars, offset, length)));
        exchange.send(() -> out.write(chars, offset, length));
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
        exchange.bodyPasses(() -> StandardCharsets.UTF_8.encode(CharBuffer.wrap(text, offset, offset + length)));
        exchange.send(() -> out.write(text, offset, length));
    }

    @Override
    public void flush() throws IOException {
        exchange.send(this::flushOrThrow);
    }

    @Override
    public void close() throws IOException {
        exchange.send(out::close);
    }

    // checkError() flushes.
    private void flushOrThrow() throws IOException {
        if (out.checkError()) {
            throw new IOException("the client has gone");
        }
    }
}
