/** events.clean → features.user-activity; lookups of a user's features now. */
@NullMarked
package dev.millrace.features;

import org.jspecify.annotations.NullMarked;
