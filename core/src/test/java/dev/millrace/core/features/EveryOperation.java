package dev.millrace.core.features;

import dev.millrace.core.expression.Expression;
import dev.millrace.core.expression.Expression.Arithmetic;
import dev.millrace.core.expression.Expression.Constant;
import dev.millrace.core.expression.Expression.Equal;
import dev.millrace.core.expression.Expression.Variable;
import dev.millrace.core.features.Op.Sequence.Step;
import dev.millrace.core.features.Op.Session.Emit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A feature set with every operation, over every kind of window and over the whole past. */
final class EveryOperation {

  static final Input VALUE = new Input("value_micros", Input.Type.MICROS);
  static final Input QUANTITY = new Input("quantity", Input.Type.INTEGER);
  static final Input COUNTRY = new Input("country", Input.Type.STRING);
  static final Input PRODUCT = new Input("product_id", Input.Type.STRING);
  static final Input RATING = new Input("rating", Input.Type.DOUBLE);
  static final Input MEMBER = new Input("member", Input.Type.BOOLEAN);

  static final List<Duration> WINDOWS =
      List.of(
          Duration.ofMinutes(10),
          Duration.ofHours(1),
          Duration.ofHours(12),
          Duration.ofHours(24),
          Duration.ofDays(7),
          Duration.ofDays(30));

  static final int K = 3;
  static final int MAX = 4;
  static final Duration GAP = Duration.ofMinutes(30);
  static final Duration WITHIN = Duration.ofMinutes(10);

  private EveryOperation() {}

  static Expression isOf(String type) {
    return new Equal(new Variable("event_type"), new Constant(type));
  }

  static FeatureSet set() {
    List<Feature> features = new ArrayList<>();
    for (List<Duration> windows : List.of(WINDOWS, List.<Duration>of())) {
      String suffix = windows.isEmpty() ? "_ever" : "";
      features.add(feature("events" + suffix, new Op.Count(), null, windows));
      features.add(feature("purchases" + suffix, new Op.Count(), new Variable("buys"), windows));
      features.add(feature("sum" + suffix, new Op.Sum(VALUE), null, windows));
      features.add(feature("spend" + suffix, new Op.Sum(VALUE), new Variable("buys"), windows));
      features.add(feature("mean" + suffix, new Op.Mean(VALUE), null, windows));
      features.add(feature("variance" + suffix, new Op.Variance(QUANTITY), null, windows));
      features.add(feature("min" + suffix, new Op.Min(VALUE), null, windows));
      features.add(feature("max" + suffix, new Op.Max(QUANTITY), null, windows));
      features.add(feature("first" + suffix, new Op.First(COUNTRY), null, windows));
      features.add(feature("last" + suffix, new Op.Last(RATING), null, windows));
      features.add(feature("last_member" + suffix, new Op.Last(MEMBER), null, windows));
      features.add(feature("last_k" + suffix, new Op.LastK(COUNTRY, K), null, windows));
      features.add(feature("distinct" + suffix, new Op.Distinct(PRODUCT, MAX), null, windows));
      features.add(feature("approx" + suffix, new Op.DistinctApprox(PRODUCT), null, windows));
      features.add(feature("p95" + suffix, new Op.Quantile(VALUE, 950_000), null, windows));
      features.add(feature("ratio" + suffix, new Op.Ratio(isOf("purchase")), null, windows));
      features.add(
          feature(
              "pattern" + suffix,
              new Op.Sequence(
                  List.of(
                      new Step("failed", isOf("login_failed"), 2),
                      new Step("viewed", isOf("view"), 1),
                      new Step("bought", isOf("purchase"), 1)),
                  WITHIN),
              null,
              windows));
    }
    List<Duration> day = List.of(Duration.ofHours(24));
    Expression buys = new Variable("buys");
    features.add(feature("first_buy", new Op.First(COUNTRY), buys, day));
    features.add(feature("last_buys", new Op.LastK(PRODUCT, K), buys, day));
    features.add(feature("distinct_buys", new Op.Distinct(PRODUCT, MAX), buys, day));
    features.add(feature("approx_buys", new Op.DistinctApprox(PRODUCT), buys, day));
    features.add(feature("p95_buys", new Op.Quantile(VALUE, 950_000), buys, day));
    features.add(
        feature(
            "two_buys",
            new Op.Sequence(List.of(new Step("bought", new Constant(true), 2)), WITHIN),
            buys,
            day));
    features.add(feature("buying", new Op.Session(GAP, List.of(Emit.EVENTS)), buys, List.of()));
    features.add(feature("since", new Op.Since(), null, List.of()));
    features.add(feature("since_purchase", new Op.Since(), isOf("purchase"), List.of()));
    features.add(
        feature(
            "session", new Op.Session(GAP, List.of(Emit.EVENTS, Emit.DURATION)), null, List.of()));
    return new FeatureSet(
        "every-operation",
        1,
        "",
        List.of(new FeatureSet.Let("buys", isOf("purchase"), Input.Type.BOOLEAN)),
        features,
        List.of(
            new Derived(
                "burst",
                "",
                new Arithmetic(
                    Arithmetic.Operator.DIVIDE,
                    new Variable("events_10m"),
                    new Arithmetic(
                        Arithmetic.Operator.SUBTRACT,
                        new Variable("events_24h"),
                        new Constant(1.0))),
                Column.Type.DOUBLE)),
        "0123456789abcdef".repeat(4));
  }

  private static Feature feature(String name, Op op, Expression where, List<Duration> windows) {
    return new Feature(name, "", op, where, windows);
  }
}
