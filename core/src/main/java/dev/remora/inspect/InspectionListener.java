package dev.remora.inspect;

import dev.remora.guard.Visitor;

/** Hears of suspicious requests. Called on request threads: it does not block, and what it throws is logged. */
@FunctionalInterface
public interface InspectionListener {

    /**
     * Something was found in a request, or not all of it was inspected. Head and body of one request are told apart: they
     * come at different times.
     */
    void inspected(Visitor visitor, InspectionReport report);
}
