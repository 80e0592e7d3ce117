package dev.remora.affinity;

import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import dev.remora.pool.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The members of a pool by what another proxy writes for them. A value is looked up by a hash and then compared in constant
 * time, since some of them are made with a secret. When two members share a value the first one has it. Immutable.
 */
final class MemberNames {

    private final Map<Long, List<Named>> byHash;

    private record Named(String value, Optional<BackendId> member) {}

    MemberNames(Snapshot members, Function<Backend, Optional<String>> calling, AddressNaming naming) {
        Map<Long, List<Named>> names = new HashMap<>();
        for (int i = 0; i < members.size(); i++) {
            Backend member = members.node(i).backend();
            List<String> values = calling.apply(member).map(naming::values).orElse(List.of());
            for (String value : values) {
                names.computeIfAbsent(TextHash.of(value), unused -> new ArrayList<>(1))
                        .add(new Named(value, Optional.of(member.id())));
            }
        }
        this.byHash = names;
    }

    /** The member whose value stands in a text from a place up to, and without, another one. */
    Optional<BackendId> find(String text, int from, int to) {
        for (Named named : byHash.getOrDefault(TextHash.of(text, from, to), List.of())) {
            if (isEqual(named.value(), text, from, to)) {
                return named.member();
            }
        }
        return Optional.empty();
    }

    /** All values. */
    Set<String> values() {
        return byHash.values().stream().flatMap(List::stream).map(Named::value).collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isEqual(String value, String text, int from, int to) {
        if (value.length() != to - from) {
            return false;
        }
        int differences = 0;
        for (int i = 0; i < value.length(); i++) {
            differences |= value.charAt(i) ^ text.charAt(from + i);
        }
        return differences == 0;
    }
}
