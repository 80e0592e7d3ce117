package dev.remora.dns;

import org.xbill.DNS.Name;

/** Looks up the addresses of a host. */
record AddressLookup(Name host, int port) implements Lookup {

    AddressLookup {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
    }

    @Override
    public Found find(Resolvers resolvers, DnsSettings settings) throws LookupFailed, InterruptedException {
        Addresses found = Addresses.of(host, settings.family(), resolvers);
        return new Found(
                found.addresses().stream()
                        .map(address -> DnsNames.backend(settings.scheme(), host, address, port))
                        .toList(),
                found.ttlSeconds());
    }

    @Override
    public String toString() {
        return "dns " + host + ":" + port;
    }
}
