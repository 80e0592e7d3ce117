package dev.remora.inspect;

import java.util.Objects;

/**
 * One text of a request.
 *
 * @param place where it stands
 * @param name of the parameter, header, cookie or field that it belongs to, as the client wrote it; empty when there is none
 * @param text what the client sent; may hold anything, lone surrogates too
 */
public record Inspected(Place place, String name, String text) {

    /** Creates a text to inspect. */
    public Inspected {
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(text, "text");
    }

    /** The place only: names and texts are the client's, and may be secret. */
    @Override
    public String toString() {
        return "Inspected[" + place + "]";
    }
}
