/** How does a servlet container put its requests behind a load balancer? */
@NullMarked
package dev.remora.servlet;

import org.jspecify.annotations.NullMarked;
