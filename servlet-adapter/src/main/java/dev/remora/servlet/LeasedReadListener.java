package dev.remora.servlet;

import jakarta.servlet.ReadListener;
import java.io.IOException;

/**
 * The application's listener. That the client cannot be read, or that the application has thrown, some containers tell
 * nobody else.
 */
final class LeasedReadListener implements ReadListener {

    private final ReadListener listener;
    private final ServletExchange exchange;

    LeasedReadListener(ReadListener listener, ServletExchange exchange) {
        this.listener = listener;
        this.exchange = exchange;
    }

    @Override
    public void onDataAvailable() throws IOException {
        exchange.call(listener::onDataAvailable);
    }

    @Override
    public void onAllDataRead() throws IOException {
        exchange.call(listener::onAllDataRead);
    }

    @Override
    public void onError(Throwable t) {
        exchange.clientFailed();
        listener.onError(t);
    }
}
