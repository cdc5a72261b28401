/** Real Kafka, schema registry and Redis on free loopback ports, for tests and for a laptop. */
@NullMarked
package dev.millrace.servers;

import org.jspecify.annotations.NullMarked;
