package dev.remora.guard;

import dev.remora.http.HeaderEdits;
import dev.remora.pool.Backend;
import java.util.Set;

/** The client's credentials, or others if it has none. */
record ClientsFirst(Credentials otherwise) implements Credentials {

    @Override
    public HeaderEdits requestEdits(Backend backend) {
        Set<String> names = ClientCredentials.namesOf(otherwise);
        HeaderEdits edits = otherwise.requestEdits(backend);
        return headers -> {
            if (!ClientCredentials.areIn(headers, names)) {
                edits.applyTo(headers);
            }
        };
    }
}
