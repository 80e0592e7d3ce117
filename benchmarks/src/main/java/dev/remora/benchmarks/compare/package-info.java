/**
 * Which picks are fast, and which of those are also right?
 *
 * <p>Start with {@link dev.remora.benchmarks.compare.Comparison}.
 */
@NullMarked
package dev.remora.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
