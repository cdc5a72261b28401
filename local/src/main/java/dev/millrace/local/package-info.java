/** Everything on one machine: the command line, the running stack and the demo. */
@NullMarked
package dev.millrace.local;

import org.jspecify.annotations.NullMarked;
