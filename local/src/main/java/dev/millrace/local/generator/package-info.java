/**
 * Sample data: the activity of an invented shop, and what a correct pipeline makes of each line.
 */
@NullMarked
package dev.millrace.local.generator;

import org.jspecify.annotations.NullMarked;
