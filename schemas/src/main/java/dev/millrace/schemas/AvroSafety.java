package dev.millrace.schemas;

import dev.millrace.schema.RawEventMessage;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Makes Avro safe for bytes from strangers, for the whole process: it trusts our message classes
 * and no other of ours, and refuses declared lengths before it allocates them.
 */
final class AvroSafety {

  private static final String LIMITS = "org.apache.avro.limits.";
  private static final String MAX_BYTES = Integer.toString(8 * 1_048_576);
  private static final String MAX_ITEMS = Integer.toString(1_000_000);

  private static boolean applied;

  private AvroSafety() {}

  /**
   * Avro reads its limits once, when it first decodes; so this comes before. Repeating it is free.
   */
  static synchronized void apply() {
    if (applied) {
      return;
    }
    applied = true;
    limit("bytes.maxLength", MAX_BYTES);
    limit("string.maxLength", MAX_BYTES);
    limit("collectionItems.maxLength", MAX_ITEMS);
    String messages = RawEventMessage.class.getPackageName();
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), type -> type.getPackageName().equals(messages)));
  }

  private static void limit(String name, String value) {
    if (System.getProperty(LIMITS + name) == null) {
      System.setProperty(LIMITS + name, value);
    }
  }
}
