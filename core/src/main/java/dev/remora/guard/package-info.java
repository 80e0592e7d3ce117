/**
 * May a request enter at all?
 *
 * <p>Start with {@link dev.remora.guard.Guard}.
 */
package dev.remora.guard;
