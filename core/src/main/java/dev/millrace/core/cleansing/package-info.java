/** From a raw event to a clean one, a duplicate or a quarantined one. */
@NullMarked
package dev.millrace.core.cleansing;

import org.jspecify.annotations.NullMarked;
