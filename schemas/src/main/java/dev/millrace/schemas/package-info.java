/** What is declared, and how bytes become core values and back. */
@NullMarked
package dev.millrace.schemas;

import org.jspecify.annotations.NullMarked;
