package dev.remora.redis;

import dev.remora.ratelimit.Limit;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Under which names the store keeps what is limited. A key may be a secret of its client, and is kept as a digest, together with
 * the limits' names: gateways that limit other things by the same key do not meddle, those that only set other amounts share its
 * buckets. All names of a key have its slot.
 */
final class LimitKeys {

    private final String prefix;
    private final String names;

    /**
     * Names for some limits.
     *
     * @throws IllegalArgumentException if the prefix is not of 1 to 64 visible characters without braces
     */
    LimitKeys(String prefix, List<Limit> limits) {
        SessionKeys.requireVisible(prefix);
        this.prefix = prefix;
        this.names = limits.stream().map(Limit::name).collect(Collectors.joining(" "));
    }

    String nameOf(String key) {
        return prefix + "{" + SessionKeys.digest(names + "\n" + key) + "}";
    }

    /** Of all keys together that are not known one by one. No digest has this length. */
    String nameOfOthers() {
        return prefix + "{others " + SessionKeys.digest(names) + "}";
    }

    /** Of what a gateway has pushed last. */
    static String pusher(String name, String gateway) {
        return name + ":" + gateway;
    }

    /** Of the list of all gateways. */
    String gateways() {
        return prefix + "gateways:" + SessionKeys.digest(names);
    }
}
