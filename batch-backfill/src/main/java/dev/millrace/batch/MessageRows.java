package dev.millrace.batch;

import dev.millrace.schemas.MessageCodec;
import dev.millrace.schemas.table.Column;
import dev.millrace.schemas.table.ColumnType;
import dev.millrace.schemas.table.LakeTable;
import dev.millrace.schemas.table.OriginColumns;
import dev.millrace.schemas.table.RecordColumns;
import dev.millrace.schemas.table.UnfitRecordException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Messages that were folded to rows of their table: the key, the day, then the fields, as the sink
 * has them behind the places of their records.
 */
record MessageRows(String table, String schema, String dateField, String dateColumn)
    implements MapPartitionsFunction<Row, Row>, Serializable {

  /** Place of the fields among the columns. */
  static final int FIELDS = 2;

  static MessageRows of(LakeTable table) {
    Schema schema = Objects.requireNonNull(table.topic().schema());
    return new MessageRows(table.name(), schema.toString(), table.dateField(), table.dateColumn());
  }

  /** What stands for a field that a message does not have; null if nothing does. */
  @Nullable Object byDefault(String field) {
    Schema.Field known = new Schema.Parser().parse(schema).getField(field);
    if (known == null
        || !known.hasDefaultValue()
        || known.defaultVal() == JsonProperties.NULL_VALUE) {
      return null;
    }
    return known.defaultVal();
  }

  StructType columns() {
    return SparkColumns.of(columns(recordColumns(new Schema.Parser().parse(schema))));
  }

  private List<Column> columns(RecordColumns fields) {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column(OriginColumns.KEY, ColumnType.Plain.STRING, true));
    columns.add(new Column(dateColumn, ColumnType.Plain.DATE, true));
    columns.addAll(fields.columns());
    return columns;
  }

  private RecordColumns recordColumns(Schema schema) {
    try {
      return new RecordColumns(schema, List.of(OriginColumns.KEY, dateColumn));
    } catch (UnfitRecordException e) {
      throw new IllegalStateException("The sink has a table for " + schema.getName(), e);
    }
  }

  @Override
  public Iterator<Row> call(Iterator<Row> folded) {
    Schema parsed = new Schema.Parser().parse(schema);
    RecordColumns fields = recordColumns(parsed);
    List<Column> columns = columns(fields);
    GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(parsed);
    int time = parsed.getField(dateField).pos();
    return new Iterator<>() {
      private @Nullable BinaryDecoder decoder;
      private @Nullable Row next;

      @Override
      public boolean hasNext() {
        while (next == null && folded.hasNext()) {
          next = row(folded.next());
        }
        return next != null;
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Row row = Objects.requireNonNull(next);
        next = null;
        return row;
      }

      /** Null for a message that no table holds: of such the sink makes dead letters. */
      private @Nullable Row row(Row row) {
        byte[] content = MessageCodec.content((byte[]) row.get(row.fieldIndex(Fold.MESSAGE)));
        try {
          decoder = DecoderFactory.get().binaryDecoder(content, decoder);
          @Nullable Object[] values = fields.values(reader.read(null, decoder));
          @Nullable Object[] converted = new Object[FIELDS + values.length];
          converted[0] = row.getString(row.fieldIndex(Fold.KEY));
          Integer day = values[time] == null ? null : RecordColumns.day((Long) values[time]);
          converted[1] = SparkColumns.value(day, columns.get(1).type());
          for (int i = 0; i < values.length; i++) {
            converted[FIELDS + i] = SparkColumns.value(values[i], columns.get(FIELDS + i).type());
          }
          return RowFactory.create(converted);
        } catch (IOException e) {
          throw new UncheckedIOException("A message of ours can't be read", e);
        } catch (UnfitRecordException e) {
          return null;
        }
      }
    };
  }
}
