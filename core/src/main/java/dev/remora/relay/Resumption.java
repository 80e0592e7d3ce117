package dev.remora.relay;

/** When the client of an event stream goes on by itself after the end of the stream. */
public enum Resumption {
    /** It takes the end for the end of the answer. */
    NEVER,
    /** As soon as an event has given it an id to ask by, as browsers do. */
    BY_ID,
    /** The user says so. */
    ALWAYS;

    /** That of a request's client, as far as its method tells. */
    public static Resumption of(String method) {
        return method.equals("GET") ? BY_ID : NEVER;
    }
}
