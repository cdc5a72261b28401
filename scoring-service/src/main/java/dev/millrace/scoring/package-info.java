/** features.* → scores → Redis; lookups of a user's latest scores. */
@NullMarked
package dev.millrace.scoring;

import org.jspecify.annotations.NullMarked;
