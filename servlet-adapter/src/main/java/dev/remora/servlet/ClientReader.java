package dev.remora.servlet;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/** The request's body as text. When it cannot be read that is the client's doing, never the back end's. */
final class ClientReader extends FilterReader {

    private final ServletExchange exchange;

    ClientReader(Reader in, ServletExchange exchange) {
        super(in);
        this.exchange = exchange;
    }

    @Override
    public int read() throws IOException {
        try {
            return super.read();
        } catch (IOException e) {
            exchange.clientFailed();
            throw e;
        }
    }

    @Override
    public int read(char[] chars, int offset, int length) throws IOException {
        try {
            return super.read(chars, offset, length);
        } catch (IOException e) {
            exchange.clientFailed();
            throw e;
        }
    }
}
