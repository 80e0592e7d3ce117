/**
 * Does a request look like an attack?
 *
 * <p>A seat belt against SQL injection and cross-site scripting, and not a web application firewall: it knows the usual
 * shapes of both, and whoever writes against it gets past it. Queries with parameters and escaped output are what
 * protects; this makes noise early, and stops what is fired at every address of the net.
 *
 * <p>Start with {@link dev.remora.inspect.Inspection}, and for rules of your own with {@link dev.remora.inspect.RuleSet}.
 */
@NullMarked
package dev.remora.inspect;

import org.jspecify.annotations.NullMarked;
