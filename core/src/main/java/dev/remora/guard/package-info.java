/**
 * May a request enter at all?
 *
 * <p>Start with {@link dev.remora.guard.Guard}; {@link dev.remora.guard.Credentials} are what the gateway shows in its turn. Sets of
 * addresses need the library {@code com.github.seancfoley:ipaddress}, which the user adds.
 */
@NullMarked
package dev.remora.guard;

import org.jspecify.annotations.NullMarked;
