/** What does each step of a pick and of a relayed event cost, beside the floor and beside the peers? */
@NullMarked
package dev.remora.benchmarks;

import org.jspecify.annotations.NullMarked;
