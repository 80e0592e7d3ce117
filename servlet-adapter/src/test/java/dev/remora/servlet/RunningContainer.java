package dev.remora.servlet;

import java.io.IOException;

/** A container that serves a {@link Site}. */
interface RunningContainer {

    int port();

    /** Worker threads that serve a request now. */
    int busyThreads();

    /** Ends everything, the threads too. */
    void stop() throws IOException;
}
