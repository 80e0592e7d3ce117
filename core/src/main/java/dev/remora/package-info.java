/**
 * The front door: which back end serves this request, and for how long?
 *
 * <p>Start with {@link dev.remora.LoadBalancer}. A request is turned into a {@link dev.remora.Pick}: a
 * {@link dev.remora.Lease} of a back end, or a {@link dev.remora.Refusal}.
 */
@NullMarked
package dev.remora;

import org.jspecify.annotations.NullMarked;
