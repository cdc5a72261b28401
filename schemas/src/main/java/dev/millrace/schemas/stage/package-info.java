/**
 * What every host of a fold does alike: a message and a user's state in, messages out. A host moves
 * the bytes and keeps the states; Kafka Streams is one, Spark another.
 */
@NullMarked
package dev.millrace.schemas.stage;

import org.jspecify.annotations.NullMarked;
