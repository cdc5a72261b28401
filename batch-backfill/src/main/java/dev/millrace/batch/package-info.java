/** Spark over the lake: the same core, hosted by groups of rows. */
@NullMarked
package dev.millrace.batch;

import org.jspecify.annotations.NullMarked;
