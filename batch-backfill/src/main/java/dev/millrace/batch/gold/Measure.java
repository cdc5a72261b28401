package dev.millrace.batch.gold;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is kept of a group of events, so that two groups can be put together: in whatever order and
 * in however many pieces events come, the same comes of them.
 */
sealed interface Measure {

  /** The events of before, in a MERGE. */
  String BEFORE = "t";

  /** The events that came. */
  String NEW = "s";

  List<Field> fields();

  /** Over the events of a group, as one column. */
  String aggregate();

  /** Of that column {@code of}, the values of the fields. */
  List<String> values(String of);

  /** By the field, what it is of events before and new together; none for what never changes. */
  Map<String, String> together();

  /** How one value is made of many. */
  enum Of {
    COUNT,
    SUM,
    LEAST,
    GREATEST,
    /** Of the key alone, and the same for all events of a group. */
    KEY
  }

  /**
   * One value.
   *
   * @param sql of an event
   * @param where the events that count
   */
  record Single(Of of, Field field, String sql, String where) implements Measure {

    @Override
    public List<Field> fields() {
      return List.of(field);
    }

    @Override
    public String aggregate() {
      return switch (of) {
        case COUNT -> "count(*) filter (where %s)".formatted(where);
        // As wide as it gets, so that no sender makes it overflow.
        case SUM ->
            "cast(coalesce(sum(cast(%s as decimal(19, 0))) filter (where %s), 0) as decimal(38, 0))"
                .formatted(sql, where);
        case LEAST, KEY -> "min(%s) filter (where %s)".formatted(sql, where);
        case GREATEST -> "max(%s) filter (where %s)".formatted(sql, where);
      };
    }

    @Override
    public List<String> values(String name) {
      return List.of(name);
    }

    @Override
    public Map<String, String> together() {
      String before = BEFORE + "." + field.name();
      String added = NEW + "." + field.name();
      return switch (of) {
        case COUNT -> Map.of(field.name(), before + " + " + added);
        case SUM ->
            Map.of(field.name(), "cast(%s + %s as decimal(38, 0))".formatted(before, added));
        // Both leave nulls out.
        case LEAST -> Map.of(field.name(), "least(%s, %s)".formatted(before, added));
        case GREATEST -> Map.of(field.name(), "greatest(%s, %s)".formatted(before, added));
        case KEY -> Map.of();
      };
    }
  }

  /** A value of an event. */
  record Told(Field field, String sql) {}

  /**
   * What the event with the greatest time said; of several at that time, the one with the greatest
   * values.
   *
   * @param at its time
   */
  record Latest(Field at, List<Told> told, String where) implements Measure {

    @Override
    public List<Field> fields() {
      List<Field> fields = new ArrayList<>(List.of(at));
      told.forEach(value -> fields.add(value.field()));
      return fields;
    }

    @Override
    public String aggregate() {
      return "max(named_struct('%s', event_time%s)) filter (where %s)"
          .formatted(
              at.name(),
              told.stream()
                  .map(value -> ", '" + value.field().name() + "', " + value.sql())
                  .collect(Collectors.joining()),
              where);
    }

    @Override
    public List<String> values(String of) {
      return fields().stream().map(field -> of + "." + field.name()).toList();
    }

    @Override
    public Map<String, String> together() {
      // Without such an event all is null, which is less than any time.
      String greatest = "greatest(%s, %s)".formatted(all(BEFORE), all(NEW));
      Map<String, String> together = new LinkedHashMap<>();
      for (Field field : fields()) {
        together.put(field.name(), greatest + "." + field.name());
      }
      return together;
    }

    private String all(String side) {
      return fields().stream()
          .map(field -> "'%1$s', %2$s.%1$s".formatted(field.name(), side))
          .collect(Collectors.joining(", ", "named_struct(", ")"));
    }
  }
}
