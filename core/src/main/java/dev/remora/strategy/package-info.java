/**
 * Who should serve now?
 *
 * <p>Start with {@link dev.remora.strategy.Strategy}, whose static methods are the catalogue. A strategy makes one
 * {@link dev.remora.strategy.Picker} for each membership; the picker is what requests meet.
 */
@NullMarked
package dev.remora.strategy;

import org.jspecify.annotations.NullMarked;
