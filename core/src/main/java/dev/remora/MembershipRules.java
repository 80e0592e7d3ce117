package dev.remora;

import dev.remora.pool.Backend;
import dev.remora.pool.BackendId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What every list of back ends must obey.
 *
 * @param probed whether its members will be asked whether they are fit
 */
record MembershipRules(boolean probed) {

    /**
     * Checks a list.
     *
     * @throws IllegalArgumentException if it breaks a rule
     */
    void check(List<Backend> backends) {
        requireUnique(backends);
        if (backends.stream().anyMatch(Backend::isHere)) {
            requireAlone(backends);
        }
    }

    private static void requireUnique(List<Backend> backends) {
        Set<BackendId> ids = new HashSet<>();
        for (Backend backend : backends) {
            if (!ids.add(backend.id())) {
                throw new IllegalArgumentException("backend id: " + backend.id() + " (expected: each id once)");
            }
        }
    }

    private void requireAlone(List<Backend> backends) {
        if (backends.size() > 1) {
            throw new IllegalArgumentException(
                    "backends: Backend.here() and " + (backends.size() - 1) + " more (expected: Backend.here() alone)");
        }
        if (probed) {
            throw new IllegalArgumentException(
                    "healthProbe: set (expected: none with Backend.here(), which is this application itself)");
        }
    }
}
