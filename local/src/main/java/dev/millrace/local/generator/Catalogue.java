package dev.millrace.local.generator;

import java.math.BigDecimal;
import java.util.List;
import java.util.Random;

/** What the shop sells; few products sell often. */
final class Catalogue {

  private static final int PRODUCTS = 600;
  private static final List<String> CATEGORIES =
      List.of("books", "clothes", "electronics", "food", "garden", "sports", "toys", "travel");

  private final long seed;

  Catalogue(long seed) {
    this.seed = seed;
  }

  static int pick(Random random) {
    double skewed = random.nextDouble();
    return (int) (PRODUCTS * skewed * skewed);
  }

  static String id(int product) {
    return "p-" + (1_000 + product);
  }

  static String category(int product) {
    return CATEGORIES.get(product % CATEGORIES.size());
  }

  BigDecimal price(int product, int quantity) {
    // Squared, so that most are cheap and some are not.
    long root = Long.remainderUnsigned(Hash.of(seed, product, 2_000), 220);
    return BigDecimal.valueOf(quantity * (199 + root * root), 2);
  }
}
