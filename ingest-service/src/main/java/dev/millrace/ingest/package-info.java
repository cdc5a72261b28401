/** HTTP, files and the inbound topic → events.raw. */
@NullMarked
package dev.millrace.ingest;

import org.jspecify.annotations.NullMarked;
