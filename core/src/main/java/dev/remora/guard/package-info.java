/**
 * May a request enter at all?
 *
 * <p>Start with {@link dev.remora.guard.Guard}.
 */
@NullMarked
package dev.remora.guard;

import org.jspecify.annotations.NullMarked;
