/**
 * How does a Netty pipeline relay a request, and the stream that answers it, to the back end that was picked?
 *
 * <p>Start with {@link dev.remora.netty.GatewayServer}; {@link dev.remora.netty.ReverseProxy} is the same for a pipeline
 * of your own. Inside, a request passes {@code ClientConnection} (one at a time, and only valid ones), {@code Exchange}
 * (one request and its answer), {@code Route} (which back end), {@code Attempt} (the relay) and
 * {@code BackendConnection}. Everything of one client runs on one event loop, its connections to back ends included.
 */
@NullMarked
package dev.remora.netty;

import org.jspecify.annotations.NullMarked;
