/**
 * What does a day of real chat traffic do to a gateway? Reads traces of real language-model servers and asks the same
 * questions again, at the same times. Read {@link dev.remora.examples.replay.Replay} first.
 */
@NullMarked
package dev.remora.examples.replay;

import org.jspecify.annotations.NullMarked;
