package dev.remora.servlet;

import jakarta.servlet.ServletException;

/**
 * An answer broke off behind its head. Thrown to the container, which can only end the client's connection then: that is the
 * one way to show a client that something is missing. It is no fault of the program, so it has no stack trace.
 */
final class BrokenOff extends ServletException {

    private static final long serialVersionUID = 1;

    BrokenOff() {
        super("the answer broke off, and so does the client's connection");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
