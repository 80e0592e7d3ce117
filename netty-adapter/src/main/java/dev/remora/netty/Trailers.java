package dev.remora.netty;

import dev.remora.http.TrailerFields;
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
     */
    static LastHttpContent filter(LastHttpContent last, List<String> connectionOptions) {
        HttpHeaders trailers = last.trailingHeaders();
        if (trailers.isEmpty()) {
            return last;
        }
        LastHttpContent filtered = new DefaultLastHttpContent(last.content());
        for (Map.Entry<String, String> field : trailers) {
            if (TrailerFields.mayPass(field.getKey(), connectionOptions)) {
                filtered.trailingHeaders().add(field.getKey(), field.getValue());
            }
        }
        return filtered;
    }
}
