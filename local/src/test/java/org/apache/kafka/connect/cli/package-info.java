/** A stand-in that is started by the name of what it stands for. */
@NullMarked
package org.apache.kafka.connect.cli;

import org.jspecify.annotations.NullMarked;
