/**
 * What does a gateway see of the bytes that it relays?
 *
 * <p>For adapters. The answers of back ends are watched as they pass: events and tokens are counted, and the places found
 * where a stream may end before its time. Nothing is held back. Start with {@link dev.remora.relay.PassingBody}.
 */
@NullMarked
package dev.remora.relay;

import org.jspecify.annotations.NullMarked;
