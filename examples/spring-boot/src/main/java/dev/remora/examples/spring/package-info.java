/** How does Remora look in a Spring Boot application? Start with {@link dev.remora.examples.spring.RemoraConfiguration}. */
@NullMarked
package dev.remora.examples.spring;

import org.jspecify.annotations.NullMarked;
