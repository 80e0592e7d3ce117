package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Contender;
import java.util.Optional;

/**
 * What the source or the published class files of a peer say, and no run here shows.
 *
 * @param words one phrase
 * @param fault whether it makes the peer wrong, or only limits it
 */
record Read(String words, boolean fault) {

    static Optional<Read> of(Contender contender) {
        return switch (contender) {
            case HASH4J_ANCHOR ->
                Optional.of(new Read("for one thread only, and replicas must share the history of members", false));
            case HASH4J_JUMP_BACK, GUAVA_JUMP ->
                Optional.of(new Read("knows no members, only how many there are", false));
            case VERTX_ROUND_ROBIN -> Optional.of(new Read("its index is negative after 2^31 choices", true));
            case DUBBO_LEAST_ACTIVE, DUBBO_SHORTEST_RESPONSE ->
                Optional.of(new Read("counts only where `actives` is set, streams never", true));
            case GRPC_LEAST_REQUEST ->
                Optional.of(new Read("a stream counts from its creation, not from the pick", false));
            default -> Optional.empty();
        };
    }
}
