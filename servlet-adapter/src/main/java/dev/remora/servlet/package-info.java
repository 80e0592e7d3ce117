/**
 * How does a servlet container put its requests behind a load balancer? Start with {@link
 * dev.remora.servlet.LoadBalancingFilter}.
 */
@NullMarked
package dev.remora.servlet;

import org.jspecify.annotations.NullMarked;
