package dev.remora.netty;

import dev.remora.http.HeaderEdits;
import dev.remora.http.TrailerFields;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import java.util.Map;

/** The end of a body as it goes on to the next hop. */
final class Trailers {

    private Trailers() {}

    /**
     * The last piece with only those trailer fields that may pass.
     *
     * @param connectionOptions the Connection header of the same message; what it names ends here
     * @param edits what was changed in the head: fields that these add or take away do not pass
     */
    static LastHttpContent filter(LastHttpContent last, List<String> connectionOptions, HeaderEdits edits) {
        HttpHeaders trailers = last.trailingHeaders();
        if (trailers.isEmpty()) {
            return last;
        }
        HttpHeaders added = edited(new DefaultHttpHeaders(), edits);
        HttpHeaders kept = edited(new DefaultHttpHeaders().add(trailers), edits);
        LastHttpContent filtered = new DefaultLastHttpContent(last.content());
        for (Map.Entry<String, String> field : trailers) {
            String name = field.getKey();
            if (TrailerFields.mayPass(name, connectionOptions) && !added.contains(name) && kept.contains(name)) {
                filtered.trailingHeaders().add(name, field.getValue());
            }
        }
        return filtered;
    }

    private static HttpHeaders edited(HttpHeaders headers, HeaderEdits edits) {
        edits.applyTo(new NettyHeaders(headers));
        return headers;
    }
}
