/** From Silver to tables that answer questions of the business, and on into a database. */
@NullMarked
package dev.millrace.batch.gold;

import org.jspecify.annotations.NullMarked;
