package dev.remora.servlet;

import jakarta.servlet.WriteListener;
import java.io.IOException;

/**
 * The application's listener. That the client cannot be written to, or that the application has thrown, some containers
 * tell nobody else.
 */
final class LeasedWriteListener implements WriteListener {

    private final WriteListener listener;
    private final ServletExchange exchange;

    LeasedWriteListener(WriteListener listener, ServletExchange exchange) {
        this.listener = listener;
        this.exchange = exchange;
    }

    @Override
    public void onWritePossible() throws IOException {
        exchange.call(listener::onWritePossible);
    }

    @Override
    public void onError(Throwable t) {
        exchange.clientGone();
        listener.onError(t);
    }
}
