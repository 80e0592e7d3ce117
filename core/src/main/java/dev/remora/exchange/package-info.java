/**
 * What is one request, when and how did it end?
 *
 * <p>Start with {@link dev.remora.exchange.RequestView}, then {@link dev.remora.exchange.Outcome}.
 */
@NullMarked
package dev.remora.exchange;

import org.jspecify.annotations.NullMarked;
