package dev.remora.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The response's body: its first byte starts the response, and a failing write ends the stream. */
final class ClientOutput extends ServletOutputStream {

    private final ServletOutputStream out;
    private final ServletExchange exchange;

    ClientOutput(ServletOutputStream out, ServletExchange exchange) {
        this.out = out;
        this.exchange = exchange;
    }

    @Override
    public void write(int oneByte) throws IOException {
        exchange.send(() -> out.write(oneByte));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        exchange.bodyPasses(() -> ByteBuffer.wrap(bytes, offset, length));
        exchange.send(() -> out.write(bytes, offset, length));
    }

    @Override
    public void flush() throws IOException {
        exchange.send(out::flush);
    }

    @Override
    public void close() throws IOException {
        exchange.send(out::close);
    }

    @Override
    public boolean isReady() {
        return out.isReady();
    }

    @Override
    public void setWriteListener(WriteListener listener) {
        out.setWriteListener(new LeasedWriteListener(listener, exchange));
    }
}
