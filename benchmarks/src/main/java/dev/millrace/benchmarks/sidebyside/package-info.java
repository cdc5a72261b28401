/** Measurements side by side, of processes as they run: {@code benchmarks/run}. */
@NullMarked
package dev.millrace.benchmarks.sidebyside;

import org.jspecify.annotations.NullMarked;
