/**
 * How does a gateway relay a request and its answer?
 *
 * <p>For adapters, which bring the bytes. A {@link dev.remora.relay.Route} leads a request to a back end, and on to the next when
 * one fails. The answers are watched as they pass ({@link dev.remora.relay.PassingBody}): events and tokens are counted, and the
 * places found where a stream may end before its time. Nothing is held back.
 */
@NullMarked
package dev.remora.relay;

import org.jspecify.annotations.NullMarked;
