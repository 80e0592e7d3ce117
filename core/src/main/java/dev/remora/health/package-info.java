/**
 * Who is fit?
 *
 * <p>Start with {@link dev.remora.health.HealthPolicy}, which learns from the traffic itself, then
 * {@link dev.remora.health.HealthProbe}, which asks.
 */
@NullMarked
package dev.remora.health;

import org.jspecify.annotations.NullMarked;
