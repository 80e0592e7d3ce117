/**
 * Which client is this, and what ties it to a back end?
 *
 * <p>Start with {@link dev.remora.affinity.StickyCookie}, the tie that needs no memory, then
 * {@link dev.remora.affinity.AffinityRule}, which finds a key to hash or to remember. {@link dev.remora.affinity.ForeignCookie}
 * reads the cookies of the proxy that a site comes from.
 */
@NullMarked
package dev.remora.affinity;

import org.jspecify.annotations.NullMarked;
