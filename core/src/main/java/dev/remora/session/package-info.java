/**
 * Where is the tie between a client and its back end remembered?
 *
 * <p>Start with {@link dev.remora.session.SessionMap}.
 */
@NullMarked
package dev.remora.session;

import org.jspecify.annotations.NullMarked;
