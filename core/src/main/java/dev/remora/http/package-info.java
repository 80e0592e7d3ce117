/**
 * What does HTTP demand of any proxy?
 *
 * <p>Rules without I/O, shared by the adapters. Start with {@link dev.remora.http.ProxyHeaders}; an adapter lends it
 * its own headers as {@link dev.remora.http.Headers}.
 */
@NullMarked
package dev.remora.http;

import org.jspecify.annotations.NullMarked;
