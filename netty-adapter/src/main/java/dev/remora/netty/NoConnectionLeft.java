package dev.remora.netty;

import java.io.IOException;

/** There are as many connections as there may be. It is no fault of the program, so it has no stack trace. */
final class NoConnectionLeft extends IOException {

    private static final long serialVersionUID = 1;

    NoConnectionLeft() {
        super("as many connections as allowed are open");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
