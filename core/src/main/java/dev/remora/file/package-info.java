/**
 * Which back ends does a file name?
 *
 * <p>Start with {@link dev.remora.file.FileSource}. This package needs Jackson: {@code jackson-core} for JSON, and
 * {@code jackson-dataformat-yaml} for YAML, which the user adds.
 */
@NullMarked
package dev.remora.file;

import org.jspecify.annotations.NullMarked;
