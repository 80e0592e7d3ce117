package dev.remora.netty;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;

/** Who has sent a request on a connection to a back end, and waits for the response. Called on the event loop. */
interface BackendListener {

    /** A response head, possibly an interim one, possibly one that breaks the rules. */
    void head(HttpResponse response);

    /** A piece of the body that is not the last one; the listener releases it. */
    void content(HttpContent content);

    /** The last piece of the body, and trailers; the listener releases it. */
    void end(LastHttpContent last);

    /** All that one read brought has been told. */
    void burstEnded();

    /** The connection takes bytes again, or does not for now. */
    void writabilityChanged();

    /** What the back end sent is no HTTP. */
    void malformed();

    /** The connection ended before the response did. */
    void closed();
}
