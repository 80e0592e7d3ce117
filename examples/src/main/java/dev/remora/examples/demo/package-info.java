/**
 * What stands behind the gateway when there is no model at hand? Small chat back ends inside this process, and a page to
 * watch them with. Read {@link dev.remora.examples.demo.DemoBackend} first.
 */
@NullMarked
package dev.remora.examples.demo;

import org.jspecify.annotations.NullMarked;
