package dev.millrace.schemas;

import com.fasterxml.jackson.core.io.NumberOutput;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.core.Micros;
import dev.millrace.core.Reason;
import dev.millrace.schemas.SourceMapping.Rule;
import java.math.BigDecimal;

/** What a rule makes of one value of a payload. */
final class ValueReader {

  private static final int MAX_INTEGER_DIGITS = 19;
  private static final int MAX_NUMBER_LENGTH = 100;

  private ValueReader() {}

  static Object read(JsonNode node, Rule rule) throws WrongValueException {
    return switch (rule.type()) {
      case STRING -> text(node);
      case INTEGER -> integer(decimal(node));
      case MICROS -> micros(decimal(node), rule.unit().ones());
      case BOOLEAN -> bool(node);
      case TIME -> rule.time().read(node, rule.zone());
    };
  }

  /** A value without a rule, as what it is; what no other type holds is kept as its JSON text. */
  static Object undeclared(JsonNode node) throws WrongValueException {
    if (node.isTextual()) {
      return text(node);
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      return node.longValue();
    }
    if (node.isNumber() && isDouble(node)) {
      return node.doubleValue();
    }
    return requireWellFormed(node.toString());
  }

  /** Whether the number is what the fewest digits of its double say, the same in every Java. */
  private static boolean isDouble(JsonNode node) {
    double number = node.doubleValue();
    return Double.isFinite(number)
        && new BigDecimal(NumberOutput.toString(number, true)).compareTo(node.decimalValue()) == 0;
  }

  static String text(JsonNode node) throws WrongValueException {
    if (node.isTextual()) {
      return requireWellFormed(node.textValue());
    }
    // Ids are often sent as numbers. A fraction or an exponent has more than one spelling, so no.
    if (node.isIntegralNumber()) {
      return node.asText();
    }
    throw new WrongValueException(Reason.WRONG_TYPE, "is not a text");
  }

  static String requireWellFormed(String text) throws WrongValueException {
    if (!isWellFormed(text)) {
      throw new WrongValueException(Reason.WRONG_TYPE, "holds half a character");
    }
    return text;
  }

  /** Whether both halves of each character beyond the first 65 536 are there. */
  static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  static BigDecimal decimal(JsonNode node) throws WrongValueException {
    if (node.isNumber()) {
      return node.decimalValue();
    }
    if (node.isTextual() && node.textValue().length() <= MAX_NUMBER_LENGTH) {
      try {
        return new BigDecimal(node.textValue().strip());
      } catch (NumberFormatException e) {
        throw new WrongValueException(Reason.WRONG_TYPE, "is not a number");
      }
    }
    throw new WrongValueException(Reason.WRONG_TYPE, "is not a number");
  }

  static Long integer(BigDecimal number) throws WrongValueException {
    if (number.signum() != 0 && number.precision() - (long) number.scale() > MAX_INTEGER_DIGITS) {
      throw new WrongValueException(Reason.OUT_OF_RANGE, "does not fit into 64 bits");
    }
    try {
      return number.longValueExact();
    } catch (ArithmeticException e) {
      boolean fraction = number.stripTrailingZeros().scale() > 0;
      throw new WrongValueException(
          fraction ? Reason.WRONG_TYPE : Reason.OUT_OF_RANGE,
          fraction ? "is not a whole number" : "does not fit into 64 bits");
    }
  }

  /**
   * @param ones what one of the unit that the number counts is worth
   */
  static Long micros(BigDecimal number, BigDecimal ones) throws WrongValueException {
    try {
      return Micros.of(number.multiply(ones));
    } catch (ArithmeticException e) {
      throw new WrongValueException(Reason.OUT_OF_RANGE, "does not fit into 64 bits of millionths");
    }
  }

  private static Boolean bool(JsonNode node) throws WrongValueException {
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isTextual() && (node.textValue().equals("true") || node.textValue().equals("false"))) {
      return node.textValue().equals("true");
    }
    throw new WrongValueException(Reason.WRONG_TYPE, "is neither true nor false");
  }
}
