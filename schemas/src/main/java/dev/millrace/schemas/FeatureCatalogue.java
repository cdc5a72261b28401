package dev.millrace.schemas;

import dev.millrace.core.features.Column;
import dev.millrace.core.features.Feature;
import dev.millrace.core.features.FeatureFold;
import dev.millrace.core.features.FeatureSet;
import dev.millrace.core.features.Op;
import dev.millrace.core.features.Parity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A feature set for people: a table with a row for each column. */
public final class FeatureCatalogue {

  private static final String NONE = "";

  private FeatureCatalogue() {}

  /** In Markdown, ending with a line break. */
  public static String markdown(FeatureSet set) {
    List<Column> columns = set.columns();
    List<String[]> made = made(set);
    List<Parity> classes = Parity.ofColumns(set);
    FeatureFold fold = new FeatureFold(set);
    List<@Nullable Object> empty = fold.read(fold.start(), Instant.EPOCH);
    StringBuilder table =
        new StringBuilder(
            """
            | column | meaning | type | unit | window | operation | class | of nothing |
            |---|---|---|---|---|---|---|---|
            """);
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      table.append(
          row(
              "`" + column.name() + "`",
              column.doc(),
              word(column.type()),
              column.unit() == Column.Unit.NONE ? NONE : word(column.unit()),
              made.get(i)[1],
              made.get(i)[0],
              classes.get(i).text(),
              String.valueOf(empty.get(i))));
    }
    return table.toString();
  }

  private static String row(String... cells) {
    StringBuilder row = new StringBuilder("|");
    for (String cell : cells) {
      row.append(' ').append(cell.replaceAll("\\R", " ").replace("|", "\\|")).append(" |");
    }
    return row.append('\n').toString();
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** Operation and window of each column. */
  private static List<String[]> made(FeatureSet set) {
    List<String[]> made = new ArrayList<>();
    for (Feature feature : set.features()) {
      for (Column column : FeatureSet.columns(feature)) {
        made.add(new String[] {feature.op().word(), window(feature.op(), column.window())});
      }
    }
    set.derived().forEach(derived -> made.add(new String[] {"derived", NONE}));
    return made;
  }

  private static String window(Op op, @Nullable Duration window) {
    if (window != null) {
      return Feature.text(window);
    } else if (op instanceof Op.Session session) {
      return "gap " + Feature.text(session.gap());
    } else if (op instanceof Op.Sequence sequence) {
      return "within " + Feature.text(sequence.within());
    }
    return "whole past";
  }
}
