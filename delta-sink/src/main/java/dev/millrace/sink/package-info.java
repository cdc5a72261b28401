/** A Kafka Connect sink that lands topics in Delta tables, exactly once. */
@NullMarked
package dev.millrace.sink;

import org.jspecify.annotations.NullMarked;
