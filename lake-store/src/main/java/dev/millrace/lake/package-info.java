/** How the log of a Delta table is written so that several processes may. */
@NullMarked
package dev.millrace.lake;

import org.jspecify.annotations.NullMarked;
