/** What a user's past looked like at an event: declared features, folded over the user's events. */
@NullMarked
package dev.millrace.core.features;

import org.jspecify.annotations.NullMarked;
