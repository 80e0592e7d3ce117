/**
 * Who else chooses among back ends, and how is each one driven?
 *
 * <p>Start with {@link dev.remora.benchmarks.peer.Contender}, the list of all. Each library is driven by one small class
 * through its public entry; nothing listens and nothing connects.
 */
@NullMarked
package dev.remora.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
