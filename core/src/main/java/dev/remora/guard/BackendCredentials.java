package dev.remora.guard;

import dev.remora.http.HeaderEdits;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Credentials by back end. Whatever headers one of them sets, a client's do not get to the others. */
final class BackendCredentials implements Credentials {

    private final Map<BackendId, Credentials> byId = new HashMap<>();
    private final Set<String> names;
    private final Credentials unnamed;

    BackendCredentials(Map<String, Credentials> byId) {
        this.names = byId.values().stream()
                .flatMap(credentials -> ClientCredentials.namesOf(credentials).stream())
                .collect(Collectors.toUnmodifiableSet());
        this.unnamed = behind(names, Credentials.none());
        byId.forEach((id, own) -> this.byId.put(new BackendId(id), behind(foreignTo(own), own)));
    }

    /** The headers of the other back ends, but not those that clients may use here. */
    private Set<String> foreignTo(Credentials own) {
        Set<String> foreign = new HashSet<>(names);
        foreign.removeAll(ClientCredentials.namesOf(own));
        if (own instanceof ClientsFirst) {
            foreign.removeAll(ClientCredentials.NAMES);
        }
        return foreign;
    }

    private static Credentials behind(Set<String> foreign, Credentials own) {
        HeaderEdits removed = ClientCredentials.removed(foreign);
        return backend -> HeaderEdits.all(removed, own.requestEdits(backend));
    }

    Set<String> names() {
        return names;
    }

    @Override
    public HeaderEdits requestEdits(Backend backend) {
        return byId.getOrDefault(backend.id(), unnamed).requestEdits(backend);
    }
}
