package dev.remora.affinity;

import dev.remora.http.HeaderEdits;
import dev.remora.pool.BackendId;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code server~value} on a cookie of the application, and takes the server away from what the back end sees, also
 * that of a former member. A value of the application that only looks alike stays as it is.
 *
 * @param servers what stands for members, present and former
 */
record HaproxyPrefix(String cookieName, MemberNames names, Set<String> servers) implements ForeignCookie.Reader {

    private static final int MOST_SERVERS = 10_000;

    HaproxyPrefix remembering(HaproxyPrefix before) {
        if (servers.size() + before.servers.size() > MOST_SERVERS) {
            return this;
        }
        Set<String> all = new HashSet<>(servers);
        all.addAll(before.servers);
        return new HaproxyPrefix(cookieName, names, Set.copyOf(all));
    }

    @Override
    public Optional<BackendId> read(String header, int from, int to, long now) {
        int mark = header.indexOf(HaproxyCookie.PREFIX, from);
        return mark < 0 || mark >= to || !AddressedCookie.isPlain(header, from, mark)
                ? Optional.empty()
                : names.find(header, from, mark);
    }

    // Preserved or not: the application knows nothing of the server in front.
    @Override
    public HeaderEdits requestEdits(boolean preserved) {
        return HeaderEdits.mapCookie(cookieName, this::withoutServer);
    }

    private String withoutServer(String value) {
        int mark = value.indexOf(HaproxyCookie.PREFIX);
        int start = value.startsWith("\"") ? 1 : 0;
        boolean isServer =
                mark > start && servers.contains(value.substring(start, mark).strip());
        return isServer ? value.substring(0, start) + value.substring(mark + 1) : value;
    }
}
