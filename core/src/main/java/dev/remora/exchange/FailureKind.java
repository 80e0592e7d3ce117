package dev.remora.exchange;

/** What a back end failed to do. */
public enum FailureKind {
    /** The connection could not be made: refused, unreachable, timed out, or TLS was not agreed on. */
    CONNECT,
    /**
     * The gateway has as many connections as it may, to this back end or in all, so it was never asked. No fault of the
     * back end: it does not count against its health.
     */
    SATURATED,
    /** Connected, but no response head came within the first-byte timeout. */
    FIRST_BYTE_TIMEOUT,
    /** The connection broke before a response head had arrived. */
    NO_RESPONSE,
    /** The bytes received are not a valid response. */
    PROTOCOL,
    /** The response broke off: the connection ended before the body did. */
    TRUNCATED,
    /** The stream was silent for longer than the idle timeout. */
    STREAM_IDLE
}
