/** events.raw → events.clean, events.duplicates, events.quarantined. */
@NullMarked
package dev.millrace.cleansing;

import org.jspecify.annotations.NullMarked;
