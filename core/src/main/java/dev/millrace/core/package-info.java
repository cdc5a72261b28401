/** What Millrace decides: pure functions over one user's events. */
@NullMarked
package dev.millrace.core;

import org.jspecify.annotations.NullMarked;
