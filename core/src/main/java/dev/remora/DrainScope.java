package dev.remora;

import dev.remora.pool.BackendId;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * What a drain is of.
 *
 * @param name for logs
 * @param backend the back end, unless it is the whole pool
 * @param reason told to the streams
 * @param gate who is let in still
 * @param firstLevel how far the gate is closed before the soft deadline
 * @param admitsWhileSoft whether streams may be opened before the soft deadline
 * @param openStreams counts its open streams
 * @param covers whether a stream is one of its own
 */
record DrainScope(
        String name,
        Optional<BackendId> backend,
        EndRequest.Reason reason,
        Gate gate,
        int firstLevel,
        boolean admitsWhileSoft,
        LongSupplier openStreams,
        Predicate<StreamLease> covers) {}
