/** events.clean → a topic for each feature set; lookups of a user's features now. */
@NullMarked
package dev.millrace.features;

import org.jspecify.annotations.NullMarked;
