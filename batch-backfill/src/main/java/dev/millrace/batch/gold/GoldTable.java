package dev.millrace.batch.gold;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import dev.millrace.core.CanonicalHash;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.MetadataBuilder;

/**
 * A Gold table, declared: from this come the rows of any events, and how rows of before and of new
 * events become one.
 *
 * @param name in the lake, under {@code gold/}
 * @param published its name in a database
 * @param events which ones count, as SQL over {@code events_clean}
 * @param keys never null
 */
record GoldTable(
    String name,
    String published,
    String description,
    String events,
    List<Measure.Told> keys,
    List<Measure> measures) {

  String path() {
    return "gold/" + name;
  }

  List<Field> fields() {
    List<Field> fields = new ArrayList<>();
    keys.forEach(key -> fields.add(key.field()));
    measures.forEach(measure -> fields.addAll(measure.fields()));
    return fields;
  }

  List<String> keyNames() {
    return keys.stream().map(key -> key.field().name()).toList();
  }

  /** A row for each key that these events have. */
  Dataset<Row> rows(Dataset<Row> clean) {
    List<Column> aggregates = new ArrayList<>();
    List<Column> values = new ArrayList<>();
    for (Measure.Told key : keys) {
      values.add(described(col(key.field().name()), key.field()));
    }
    for (Measure measure : measures) {
      String name = "measure_" + aggregates.size();
      aggregates.add(expr(measure.aggregate()).as(name));
      List<String> of = measure.values(name);
      for (int i = 0; i < of.size(); i++) {
        values.add(described(expr(of.get(i)), measure.fields().get(i)));
      }
    }
    return clean
        .filter(events)
        .groupBy(
            keys.stream().map(key -> expr(key.sql()).as(key.field().name())).toArray(Column[]::new))
        .agg(aggregates.get(0), aggregates.subList(1, aggregates.size()).toArray(Column[]::new))
        .select(values.toArray(Column[]::new));
  }

  private static Column described(Column column, Field field) {
    return column.as(
        field.name(), new MetadataBuilder().putString("comment", field.description()).build());
  }

  /** That a row of before and a new one have the same key. */
  String matched() {
    return keyNames().stream()
        .map(key -> "%s.%s = %s.%s".formatted(Measure.BEFORE, key, Measure.NEW, key))
        .collect(Collectors.joining(" and "));
  }

  /** By each field that can change, its value of a row of before and a new one. */
  Map<String, String> together() {
    Map<String, String> together = new LinkedHashMap<>();
    measures.forEach(measure -> together.putAll(measure.together()));
    return together;
  }

  /** Another one, other rows: over all SQL that makes them, and what describes them. */
  String sha256() {
    CanonicalHash hash = CanonicalHash.start().add(name).add(description).add(events);
    keys.forEach(key -> hash.add(key.sql()));
    measures.forEach(measure -> hash.add(measure.aggregate()));
    together().forEach((field, sql) -> hash.add(field).add(sql));
    fields().forEach(field -> hash.add(field.name()).add(field.description()));
    return hash.hex();
  }
}
