package dev.remora.affinity;

import dev.remora.http.HeaderEdits;
import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.Snapshot;
import java.util.Optional;
import java.util.function.Function;

/**
 * A cookie whose value is made of what the other proxy called a back end.
 *
 * @param calling what it called a back end; nothing for one that it cannot have known
 * @param form how a value is taken apart
 */
record AddressedCookie(
        String cookieName, Function<Backend, Optional<String>> calling, AddressNaming naming, ValueForm form)
        implements ForeignCookie {

    private static final int MAX_VALUE_LENGTH = 512;

    AddressedCookie(String cookieName, Function<Backend, Optional<String>> calling, AddressNaming naming) {
        this(cookieName, calling, naming, (names, text, from, to, now) -> names.find(text, from, to));
    }

    /** Takes a value apart. */
    @FunctionalInterface
    interface ValueForm {
        Optional<BackendId> read(MemberNames names, String text, int from, int to, long now);
    }

    @Override
    public ForeignCookie naming(Function<Backend, String> name) {
        return new AddressedCookie(cookieName, backend -> Optional.of(name.apply(backend)), naming, form);
    }

    @Override
    public Reader reader(Snapshot members) {
        return new FormReader(cookieName, new MemberNames(members, calling, naming), form);
    }

    /** Reads values of one form, within bounds. */
    record FormReader(String cookieName, MemberNames names, ValueForm form) implements Reader {

        @Override
        public Optional<BackendId> read(String header, int from, int to, long now) {
            return isPlain(header, from, to) ? form.read(names, header, from, to, now) : Optional.empty();
        }

        @Override
        public HeaderEdits requestEdits(boolean preserved) {
            return preserved ? HeaderEdits.none() : HeaderEdits.stripCookie(cookieName);
        }
    }

    static boolean isPlain(String header, int from, int to) {
        if (to <= from || to - from > MAX_VALUE_LENGTH) {
            return false;
        }
        for (int i = from; i < to; i++) {
            char c = header.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return true;
    }
}
