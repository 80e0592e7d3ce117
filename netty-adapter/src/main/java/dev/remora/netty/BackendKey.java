package dev.remora.netty;

import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;

/**
 * What a connection to a back end is good for. The address is part of it: a back end that comes back under its old id
 * with a new address gets new connections.
 */
record BackendKey(BackendId id, boolean secure, String host, int port) {

    static BackendKey of(Backend backend) {
        return new BackendKey(backend.id(), backend.secure(), backend.host(), backend.port());
    }

    /** Host and port as a Host header names them: the port only when it is not the scheme's own. */
    String authority() {
        String literal = host.indexOf(':') >= 0 ? '[' + host + ']' : host;
        return port == (secure ? 443 : 80) ? literal : literal + ':' + port;
    }
}
