/** How the state of one user is kept: whole, and as what changed it since. */
@NullMarked
package dev.millrace.core.state;

import org.jspecify.annotations.NullMarked;
