package dev.millrace.model;

import org.jspecify.annotations.Nullable;

/**
 * What a model says about one row, as the runtime computed it: the last bits of it depend on the
 * processor and the batch size, so round before comparing, storing or deciding.
 *
 * @param probability in [0, 1]
 * @param margin the value before the link function; null if the graph has no such output
 * @param contributions the share of each input column in the margin, in the order of {@link
 *     ModelCard#inputColumns()}; empty if the graph has no such outputs. With the intercept they
 *     add up to the margin. Not to be modified
 */
@SuppressWarnings(
    "ArrayRecordComponent") // One array per row, not a boxed list: this is the hot path.
public record Evaluation(double probability, @Nullable Double margin, double[] contributions) {}
