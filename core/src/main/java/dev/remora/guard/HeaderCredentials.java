package dev.remora.guard;

import dev.remora.http.HeaderEdits;
import dev.remora.pool.Backend;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** A secret in a header. */
record HeaderCredentials(String name, String prefix, Secret secret) implements Credentials {

    HeaderCredentials {
        name = Tokens.valid("header", name).toLowerCase(Locale.ROOT);
        Objects.requireNonNull(secret, "secret");
    }

    // The secret is asked for here, so that one which fails does so before anything is sent.
    @Override
    public HeaderEdits requestEdits(Backend backend) {
        String value = prefix + secret.reveal();
        return HeaderEdits.all(
                ClientCredentials.REMOVED, ClientCredentials.removed(Set.of(name)), HeaderEdits.add(name, value));
    }
}
