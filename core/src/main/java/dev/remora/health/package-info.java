/**
 * Who is fit?
 *
 * <p>Start with {@link dev.remora.health.HealthPolicy}, which learns from the traffic itself, then
 * {@link dev.remora.health.HealthProbe}, which asks.
 */
package dev.remora.health;
