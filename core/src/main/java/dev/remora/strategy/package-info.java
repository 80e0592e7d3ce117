/**
 * Who should serve now?
 *
 * <p>Start with {@link dev.remora.strategy.Strategy}, whose static methods are the catalogue. A strategy makes one
 * {@link dev.remora.strategy.Picker} for each membership; the picker is what requests meet, and
 * {@link dev.remora.strategy.PickContext} is what it may know of them.
 *
 * <p>Behind the door there are four families. By load: {@code PowerOfChoices}, {@code LeastConnections} and
 * {@code LeastResponseTime} choose among what {@code Draws} yields. By key: {@code Contenders} say what each member costs
 * for a key or a slot, {@code SlotTable} keeps the winners, {@code SlotPicker} and {@code BoundedLoad} look them up. As
 * other proxies do: the classes that bear their names, over {@code HashRing} and {@code ByteHash}. Around any of these:
 * {@code TieredStrategy}.
 */
@NullMarked
package dev.remora.strategy;

import org.jspecify.annotations.NullMarked;
