package dev.remora.dns;

import dev.remora.pool.Backend;
import java.util.List;

/** How the back ends behind a name are found. Its text names what is looked up. */
interface Lookup {

    /**
     * Asks for all of them.
     *
     * @throws LookupFailed if there is no answer, or none that names a back end
     */
    Found find(Resolvers resolvers, DnsSettings settings) throws LookupFailed, InterruptedException;

    /**
     * What was found.
     *
     * @param backends at least one, in any order
     * @param ttlSeconds how long that holds, at least 0
     */
    record Found(List<Backend> backends, long ttlSeconds) {}
}
