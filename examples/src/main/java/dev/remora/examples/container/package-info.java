/**
 * What carries a servlet when no server is at hand? Three containers inside this process, set up for streams that last. Read
 * {@link dev.remora.examples.container.Container} first.
 */
@NullMarked
package dev.remora.examples.container;

import org.jspecify.annotations.NullMarked;
