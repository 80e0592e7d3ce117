package dev.remora.dns;

import dev.remora.pool.Backend;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Type;

/** Looks up the targets of a service, RFC 2782, and the addresses of each. */
record ServiceLookup(Name service) implements Lookup {

    /** The name of the metadata that holds a back end's priority. */
    static final String PRIORITY = "dns.priority";

    @Override
    public Found find(Resolvers resolvers, DnsSettings settings) throws LookupFailed, InterruptedException {
        Resolvers.Answer answer = resolvers.ask(service, Type.SRV);
        List<SRVRecord> targets = targets(answer.records(), settings.maxBackends());
        List<Backend> backends = new ArrayList<>();
        long ttlSeconds = answer.ttlSeconds();
        for (SRVRecord target : targets) {
            try {
                Addresses found = Addresses.of(target.getTarget(), settings.family(), resolvers);
                found.addresses().forEach(address -> backends.add(backend(settings, target, address)));
                ttlSeconds = Math.min(ttlSeconds, found.ttlSeconds());
            } catch (LookupFailed e) {
                // A target that is gone is left out; one that could not be asked for would seem to be gone.
                if (!e.isAbsent()) {
                    throw e;
                }
            }
        }
        if (backends.isEmpty()) {
            throw LookupFailed.absent(service + " SRV: no target has an address");
        }
        return new Found(backends, ttlSeconds);
    }

    // Each target costs a question, so the bound is applied before as well. A target of "." says: not here. Of two
    // records for one target and port only the first by priority counts.
    private static List<SRVRecord> targets(List<Record> records, int max) {
        List<SRVRecord> usable = new ArrayList<>();
        for (Record each : records) {
            if (each instanceof SRVRecord srv && !srv.getTarget().equals(Name.root) && srv.getPort() > 0) {
                usable.add(srv);
            }
        }
        usable.sort(Comparator.comparingInt(SRVRecord::getPriority)
                .thenComparing(SRVRecord::getTarget)
                .thenComparing(SRVRecord::getPort));
        return usable.size() > max ? usable.subList(0, max) : usable;
    }

    private static Backend backend(DnsSettings settings, SRVRecord target, InetAddress address) {
        return DnsNames.backend(settings.scheme(), target.getTarget(), address, target.getPort())
                .withWeight(Math.max(1, target.getWeight()))
                .withMetadata(Map.of(PRIORITY, Integer.toString(target.getPriority())));
    }

    @Override
    public String toString() {
        return "dns " + service;
    }
}
