/** How does Remora look when it runs? Each command of the runnable jar is one answer. */
@NullMarked
package dev.remora.examples;

import org.jspecify.annotations.NullMarked;
