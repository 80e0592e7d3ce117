package dev.remora.exchange;

/** The shape of an open stream, which decides how long it may idle and how it can be ended politely. */
public enum StreamKind {
    /** A request and its finite answer, however slowly the answer comes. */
    EXCHANGE,
    /** A response of type {@code text/event-stream}: server-sent events. */
    EVENT_STREAM,
    /** An upgraded connection, such as a WebSocket: bytes flow both ways until either side closes. */
    DUPLEX
}
