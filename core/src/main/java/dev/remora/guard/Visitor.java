package dev.remora.guard;

import dev.remora.exchange.ClientOrigin;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * Who asks to enter.
 *
 * @param origin where the request comes from, behind trusted proxies
 * @param caller whom a guard before has recognised
 * @param mayWait whether an answer that comes later is of use ({@link Admission.Pending})
 */
public record Visitor(ClientOrigin origin, Optional<Caller> caller, boolean mayWait) {

    /** Creates a visitor. */
    public Visitor {
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(caller, "caller");
    }

    /** One whom nobody has recognised yet. */
    public static Visitor from(ClientOrigin origin, boolean mayWait) {
        return new Visitor(origin, Optional.empty(), mayWait);
    }

    /** The same one, recognised. */
    public Visitor recognisedAs(Caller who) {
        return new Visitor(origin, Optional.of(who), mayWait);
    }

    /** The client's address, behind trusted proxies. */
    public InetAddress address() {
        return origin.address();
    }
}
