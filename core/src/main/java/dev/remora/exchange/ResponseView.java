package dev.remora.exchange;

import java.util.List;

/** A read-only view of the head of a back end's response. Not thread-safe; read during the call that passes it only. */
public interface ResponseView {

    /** The status code, 100 to 599. */
    int status();

    /**
     * All values of a header in the order they were received; empty when it is absent.
     *
     * @param name compared without regard to case
     */
    List<String> headers(String name);

    /** What this response turns the exchange into, told from its status and content type. */
    default StreamKind kind() {
        if (status() == 101) {
            return StreamKind.DUPLEX;
        }
        List<String> type = headers("content-type");
        boolean events = !type.isEmpty() && type.get(0).regionMatches(true, 0, "text/event-stream", 0, 17);
        return events ? StreamKind.EVENT_STREAM : StreamKind.EXCHANGE;
    }
}
