package dev.millrace.batch;

import dev.millrace.core.EventField;
import dev.millrace.core.Violation;
import dev.millrace.core.cleansing.Contract;
import dev.millrace.schemas.ArtifactStore;
import dev.millrace.schemas.ContractDeclaration;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Holds clean events against the contract that passed them, as they stand in the table now; a row
 * for each violation.
 *
 * @param artifacts the artifact store
 */
record RuleCheck(String artifacts) implements MapPartitionsFunction<Row, Row> {

  static final String REASON = "reason";
  static final String FIELD = "field";
  static final String ORIGIN = "origin";

  static final StructType COLUMNS =
      new StructType()
          .add(REASON, DataTypes.StringType, false)
          .add(FIELD, DataTypes.StringType)
          .add(
              ORIGIN,
              new StructType()
                  .add("topic_id", DataTypes.StringType)
                  .add("partition", DataTypes.IntegerType)
                  .add("offset", DataTypes.LongType));

  @Override
  public Iterator<Row> call(Iterator<Row> clean) {
    ArtifactStore store = new ArtifactStore(Path.of(artifacts));
    Map<String, Contract> contracts = new HashMap<>();
    return new Iterator<>() {
      private Iterator<Row> found = Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        while (!found.hasNext() && clean.hasNext()) {
          Row row = clean.next();
          Contract contract =
              contracts.computeIfAbsent(
                  row.getAs("contract_sha256"),
                  sha256 -> ContractDeclaration.of(store.get(sha256)).contract());
          Instant receivedAt = row.getAs("received_at");
          found =
              contract.violations(receivedAt, published(row)).stream()
                  .map(violation -> told(violation, row))
                  .iterator();
        }
        return found.hasNext();
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return found.next();
      }
    };
  }

  private static Row told(Violation violation, Row row) {
    return RowFactory.create(
        violation.rule().name(), violation.field(), row.getStruct(row.fieldIndex("origin")));
  }

  /** Values by the names of fields and attributes; an id that we made satisfies every rule. */
  private static Function<String, @Nullable Object> published(Row row) {
    Map<String, Row> attributes = row.getJavaMap(row.fieldIndex("attributes"));
    boolean ours = row.<Boolean>getAs("event_id_derived");
    return name -> {
      if (ours && name.equals("event_id")) {
        return null;
      }
      if (EventField.named(name).isPresent()) {
        return row.getAs(name);
      }
      Row value = attributes.get(name);
      return value == null ? null : member(value);
    };
  }

  /** Of a union, which has a column for each type. */
  private static @Nullable Object member(Row union) {
    for (int i = 0; i < union.size(); i++) {
      if (!union.isNullAt(i)) {
        return union.get(i);
      }
    }
    return null;
  }
}
