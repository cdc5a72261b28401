package dev.millrace.core.features;

import dev.millrace.core.expression.Expression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Features that are folded together and leave as one vector: the columns of its features in their
 * order, then what is derived of them.
 *
 * @param name lower case letters, digits and dashes
 * @param version &gt;= 1
 * @param doc what it is for, for people
 * @param lets what conditions and inputs may name, each of the event and the lets before it
 * @param sha256 of the declaration; stands on each vector, and models are pinned to it
 */
public record FeatureSet(
    String name,
    int version,
    String doc,
    List<Let> lets,
    List<Feature> features,
    List<Derived> derived,
    String sha256) {

  /** Something that is computed of one event. */
  public record Let(String name, Expression expression, Input.Type type) {}

  public FeatureSet {
    lets = List.copyOf(lets);
    features = List.copyOf(features);
    derived = List.copyOf(derived);
    List<String> names = columns(features, derived).stream().map(Column::name).toList();
    if (names.stream().distinct().count() != names.size()) {
      throw new IllegalArgumentException("Two columns of " + name + " share a name: " + names);
    }
  }

  /** In the order of a vector's values. */
  public List<Column> columns() {
    return columns(features, derived);
  }

  /** In the order of a vector's values. */
  public List<String> columnNames() {
    return columns().stream().map(Column::name).toList();
  }

  private static List<Column> columns(List<Feature> features, List<Derived> derived) {
    List<Column> columns = new ArrayList<>();
    features.forEach(feature -> columns.addAll(columns(feature)));
    derived.forEach(
        one -> columns.add(new Column(one.name(), one.type(), Column.Unit.NONE, null, one.doc())));
    return columns;
  }

  /** The columns of one feature. */
  public static List<Column> columns(Feature feature) {
    String name = feature.name();
    if (feature.op() instanceof Op.Session session) {
      return session.emit().stream()
          .map(
              emit ->
                  emit == Op.Session.Emit.EVENTS
                      ? column(feature, name + "_events", Column.Type.INTEGER, Column.Unit.EVENTS)
                      : column(
                          feature,
                          name + "_duration",
                          Column.Type.INTEGER,
                          Column.Unit.MICROSECONDS))
          .toList();
    }
    if (feature.windows().isEmpty()) {
      return List.of(column(feature, name, type(feature), unit(feature)));
    }
    List<Column> columns = new ArrayList<>();
    for (Duration window : feature.windows()) {
      columns.add(
          new Column(
              name + "_" + Feature.text(window),
              type(feature),
              unit(feature),
              window,
              feature.doc()));
    }
    return columns;
  }

  private static Column column(Feature feature, String name, Column.Type type, Column.Unit unit) {
    return new Column(name, type, unit, null, feature.doc());
  }

  private static Column.Type type(Feature feature) {
    Op op = feature.op();
    if (op instanceof Op.First || op instanceof Op.Last) {
      Input of = op.input();
      return of == null ? Column.Type.STRING : type(of.type());
    }
    if (op instanceof Op.Mean || op instanceof Op.Variance || op instanceof Op.Ratio) {
      return Column.Type.DOUBLE;
    }
    if (op instanceof Op.LastK) {
      return Column.Type.LIST;
    }
    return op instanceof Op.Sequence && feature.windows().isEmpty()
        ? Column.Type.BOOLEAN
        : Column.Type.INTEGER;
  }

  private static Column.Type type(Input.Type type) {
    return switch (type) {
      case INTEGER, MICROS -> Column.Type.INTEGER;
      case DOUBLE -> Column.Type.DOUBLE;
      case STRING -> Column.Type.STRING;
      case BOOLEAN -> Column.Type.BOOLEAN;
    };
  }

  private static Column.Unit unit(Feature feature) {
    Op op = feature.op();
    if (op instanceof Op.Count || op instanceof Op.Sequence && !feature.windows().isEmpty()) {
      return Column.Unit.EVENTS;
    }
    if (op instanceof Op.Distinct || op instanceof Op.DistinctApprox) {
      return Column.Unit.VALUES;
    }
    if (op instanceof Op.Since) {
      return Column.Unit.MICROSECONDS;
    }
    Input of = op.input();
    return of != null && of.type() == Input.Type.MICROS ? Column.Unit.MICROS : Column.Unit.NONE;
  }
}
