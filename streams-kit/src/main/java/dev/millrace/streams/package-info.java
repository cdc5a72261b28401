/** What all topologies share: start-up, error policy, topic checks, active artifacts. */
@NullMarked
package dev.millrace.streams;

import org.jspecify.annotations.NullMarked;
