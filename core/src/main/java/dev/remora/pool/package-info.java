/**
 * Who can serve?
 *
 * <p>Start with {@link dev.remora.pool.Backend}; a {@link dev.remora.pool.BackendSource} pushes lists of them, and a
 * {@link dev.remora.pool.Snapshot} of {@link dev.remora.pool.Node}s is what a picker sees.
 */
@NullMarked
package dev.remora.pool;

import org.jspecify.annotations.NullMarked;
