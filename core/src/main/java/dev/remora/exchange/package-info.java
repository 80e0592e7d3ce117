/**
 * What is one request, when and how did it end?
 *
 * <p>Start with {@link dev.remora.exchange.RequestView}, then {@link dev.remora.exchange.Outcome}.
 */
package dev.remora.exchange;
