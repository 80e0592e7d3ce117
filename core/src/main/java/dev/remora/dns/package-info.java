/**
 * Which back ends does a DNS name stand for?
 *
 * <p>Start with {@link dev.remora.dns.DnsSource}. This package alone needs {@code dnsjava}, which the user adds.
 */
@NullMarked
package dev.remora.dns;

import org.jspecify.annotations.NullMarked;
