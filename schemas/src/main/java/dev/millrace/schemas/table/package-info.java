/** How messages stand in the tables of the lake, whoever writes them. */
@NullMarked
package dev.millrace.schemas.table;

import org.jspecify.annotations.NullMarked;
